package org.pgpod.core.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One JSON object a line. {@code instance} and {@code line} identify a record for ever: a random id of this process and
 * a number that rises by one with each record that this encoder writes.
 */
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {
    /** Longer messages and stack traces are cut, so that one record cannot fill the disk. */
    private static final int TEXT_LENGTH_MAX = 32_768;

    private static final byte[] NOTHING = new byte[0];

    private final String sidecar;
    private final String instance;
    private final AtomicLong lines = new AtomicLong();
    private final ThreadLocal<Numbered> last = ThreadLocal.withInitial(() -> new Numbered(null, 0));

    /** The event that this thread wrote last: console and file get the same number. */
    private record Numbered(
            @org.jspecify.annotations.Nullable ILoggingEvent event, long line) {}

    JsonLineEncoder(String sidecar, String instance) {
        this.sidecar = sidecar;
        this.instance = instance;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // The same event object passes through each appender in turn.
    public byte[] encode(ILoggingEvent event) {
        if (last.get().event() != event) {
            last.set(new Numbered(event, lines.incrementAndGet()));
        }
        StringBuilder json = new StringBuilder(256).append('{');
        field(json, "timestamp", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        field(json, "level", event.getLevel().toString());
        field(json, "sidecar", sidecar);
        field(json, "instance", instance);
        json.append("\"line\":").append(last.get().line()).append(',');
        field(json, "logger", event.getLoggerName());
        field(json, "thread", event.getThreadName());
        field(json, "message", event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            field(json, "exception", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        json.setCharAt(json.length() - 1, '}');
        return json.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void field(StringBuilder json, String key, String value) {
        String bounded = value.length() > TEXT_LENGTH_MAX ? value.substring(0, TEXT_LENGTH_MAX) + "…" : value;
        json.append('"').append(key).append("\":\"");
        JsonStringEncoder.getInstance().quoteAsString(bounded, json);
        json.append("\",");
    }
}
