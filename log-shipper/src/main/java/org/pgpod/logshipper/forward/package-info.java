/** Sinks that take records at least once: OpenTelemetry collectors, Loki, any HTTP server, and the standard output. */
@NullMarked
package org.pgpod.logshipper.forward;

import org.jspecify.annotations.NullMarked;
