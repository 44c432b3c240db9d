/** TLS contexts made from the mounted certificates, exchanged without touching sessions that are open. */
@NullMarked
package org.pgpod.wireproxy.tls;

import org.jspecify.annotations.NullMarked;
