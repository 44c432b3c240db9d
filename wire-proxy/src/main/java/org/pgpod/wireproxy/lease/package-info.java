/** What run/lease-token allows at this moment, for each session, and the answer in run/proxy. */
@NullMarked
package org.pgpod.wireproxy.lease;

import org.jspecify.annotations.NullMarked;
