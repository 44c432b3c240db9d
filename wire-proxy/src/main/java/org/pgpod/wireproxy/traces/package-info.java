/** Spans of statements, and their way to a collector by OTLP. The only place that knows OpenTelemetry. */
@NullMarked
package org.pgpod.wireproxy.traces;

import org.jspecify.annotations.NullMarked;
