/**
 * The proxy on the pod's Postgres port: terminates TLS, relays every message unchanged to Postgres's Unix socket, counts
 * what passes, and lets no byte of a primary's session reach a client once the lease has ended. Floors from the top: the
 * wiring in this package, {@code channel} (sockets and sessions on event loops), {@code session} (what is known of one
 * conversation), {@code lease} (what the token allows), {@code tls}, {@code telemetry}, {@code protocol} (bytes).
 */
@NullMarked
package org.pgpod.wireproxy;

import org.jspecify.annotations.NullMarked;
