/** Which server connection serves which client, decided without sockets, clock or threads. */
@NullMarked
package org.pgpod.wireproxy.pool;

import org.jspecify.annotations.NullMarked;
