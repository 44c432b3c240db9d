/** Which standby of the cluster a client that reads is brought to, by what the members' agents say. */
@NullMarked
package org.pgpod.wireproxy.standbys;

import org.jspecify.annotations.NullMarked;
