/** A whole proxy in front of a real server, and clients that speak bytes. */
@NullMarked
package org.pgpod.wireproxy.testing;

import org.jspecify.annotations.NullMarked;
