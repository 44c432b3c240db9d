package org.pgpod.wireproxy.session;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.wireproxy.protocol.MessageBuffer;

/** Settings that Postgres reports and a session may change, so that the next server connection can be given the same. */
public final class ReportedSettings {
    private static final Set<String> SETTABLE = Set.of(
            "client_encoding",
            "DateStyle",
            "TimeZone",
            "IntervalStyle",
            "standard_conforming_strings",
            "application_name",
            "search_path",
            "default_transaction_read_only",
            "scram_iterations");

    private ReportedSettings() {}

    /** Whether the setting can be given to another connection. */
    public static boolean isSettable(String name) {
        return SETTABLE.contains(name);
    }

    /**
     * The settings of {@code wanted} in which {@code actual} differs. A setting that {@code actual} does not have is not
     * reported by that server and left alone.
     */
    public static Map<String, String> difference(Map<String, String> wanted, Map<String, String> actual) {
        Map<String, String> different = new LinkedHashMap<>();
        wanted.forEach((name, value) -> {
            String other = actual.get(name);
            if (other != null && !other.equals(value) && isSettable(name)) {
                different.put(name, value);
            }
        });
        return different;
    }

    /**
     * One statement that makes the settings; empty when a value is not plain ASCII, because its bytes would mean something
     * else in the encoding of the connection's last client.
     */
    public static Optional<String> statement(Map<String, String> settings) {
        StringBuilder sql = new StringBuilder("SELECT ");
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            if (!StandardCharsets.US_ASCII.newEncoder().canEncode(setting.getValue())) {
                return Optional.empty();
            }
            sql.append(sql.length() > "SELECT ".length() ? ", " : "")
                    .append("pg_catalog.set_config('")
                    .append(setting.getKey())
                    .append("', E'")
                    .append(setting.getValue().replace("\\", "\\\\").replace("'", "''"))
                    .append("', false)");
        }
        return Optional.of(sql.toString());
    }

    /** Name and value that a whole ParameterStatus reports, a character for each byte; empty if it is malformed. */
    public static Optional<Map.Entry<String, String>> read(ByteBuf message) {
        String[] texts = message.toString(
                        message.readerIndex() + MessageBuffer.HEADER_BYTES,
                        message.readableBytes() - MessageBuffer.HEADER_BYTES,
                        StandardCharsets.ISO_8859_1)
                .split("\0", -1);
        return texts.length == 3 ? Optional.of(Map.entry(texts[0], texts[1])) : Optional.empty();
    }
}
