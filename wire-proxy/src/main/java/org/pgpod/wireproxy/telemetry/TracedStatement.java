package org.pgpod.wireproxy.telemetry;

/**
 * A statement that a trace records.
 *
 * @param statement what ended
 * @param traceId 32 hexadecimal digits
 * @param spanId the statement's own 16
 * @param parentSpanId those of the client's span, empty for the beginning of a trace
 * @param endEpochNanos when it ended, since 1970
 */
public record TracedStatement(
        FinishedStatement statement, String traceId, String spanId, String parentSpanId, long endEpochNanos) {}
