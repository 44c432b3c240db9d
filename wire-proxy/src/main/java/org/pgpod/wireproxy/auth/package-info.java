/** Who proves what by SCRAM-SHA-256, on both sides of the proxy: messages in, messages out. No I/O, no clock, no random. */
@NullMarked
package org.pgpod.wireproxy.auth;

import org.jspecify.annotations.NullMarked;
