/** Sockets on event loops: listeners, first packets, and sessions whose two legs share one loop. */
@NullMarked
package org.pgpod.wireproxy.channel;

import org.jspecify.annotations.NullMarked;
