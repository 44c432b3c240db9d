/** Changes the world: Leases, labels, the token, the files of {@code run/conf}, requests to the supervisor, roles and slots. */
@NullMarked
package org.pgpod.haagent.act;

import org.jspecify.annotations.NullMarked;
