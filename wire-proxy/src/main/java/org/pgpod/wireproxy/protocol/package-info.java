/** The Postgres wire protocol as bytes: first packets, message boundaries in a stream, error responses. No I/O, no clock. */
@NullMarked
package org.pgpod.wireproxy.protocol;

import org.jspecify.annotations.NullMarked;
