package org.pgpod.logshipper.parse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.testing.OtherPostgres;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Verdict;

/** Real servers that log the same in several formats: the records read from each are equal column by column. */
class FormatsAgreeTest {
    private static final String PREFIX = "%m [%p] %q<%c> %l%% %u@%d '%a' %r %i %e %s %v %x";
    /** What a line of standard error does not have, or has of its own. */
    private static final Set<String> NOT_IN_STDERR = Set.of("line_num");

    private Formats formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix(LinePrefix.STANDARD));

    @Test
    void formatsOfOneServerAgree() throws Exception {
        agree(15, PostgresServer.PROGRAMS);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 17, 18})
    @Tag("long")
    void formatsOfEveryVersionAgree(int major) throws Exception {
        try (OtherPostgres postgres = new OtherPostgres(major)) {
            postgres.unpack();
            agree(major, postgres.programs());
        }
    }

    private void agree(int major, Path programs) throws Exception {
        String prefix = PREFIX.replace("%q", "") + (major >= 13 ? " %b" : "") + (major >= 14 ? " %P %Q" : "") + " - ";
        formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix(prefix));
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("logging_collector", "on");
        settings.put("log_destination", major >= 15 ? "jsonlog,csvlog,stderr" : "csvlog,stderr");
        settings.put("log_directory", "log");
        settings.put("log_filename", "p.log");
        settings.put("log_file_mode", "0644");
        settings.put("log_timezone", "UTC");
        settings.put("log_line_prefix", prefix);
        settings.put("log_statement", "all");
        settings.put("log_duration", "on");
        settings.put("log_connections", "on");
        settings.put("log_disconnections", "on");
        if (major >= 14) {
            settings.put("compute_query_id", "on");
        }
        try (PostgresServer server = PostgresServer.with(settings, programs)) {
            LoggedWorkload.run(server);
            server.stop();
            List<Map<String, Object>> csv = records(server.data(), ".csv", LogStream.CSVLOG);
            assertThat(csv).hasSizeGreaterThan(500);
            assertThat(csv.stream()
                            .map(record -> String.valueOf(record.get("state_code")))
                            .collect(Collectors.toSet()))
                    .containsAll(LoggedWorkload.states())
                    .contains("3D000");
            if (major >= 15) {
                assertThat(csv).isEqualTo(records(server.data(), ".json", LogStream.POSTGRES));
            }
            compareStderr(csv, records(server.data(), ".log", LogStream.STDERR));
            assertThat(csv.stream().flatMap(record -> record.keySet().stream()).collect(Collectors.toSet()))
                    .contains("detail", "hint", "context", "internal_query", "internal_position", "cursor_position")
                    .contains("func_name", "file_name", "file_line_num", "backend_type", "remote_port", "vxid");
        }
    }

    private static void compareStderr(List<Map<String, Object>> csv, List<Map<String, Object>> stderr) {
        assertThat(stderr).hasSameSizeAs(csv);
        Set<Object> terse = new HashSet<>();
        for (int i = 0; i < csv.size(); i++) {
            Map<String, Object> expected = new LinkedHashMap<>(csv.get(i));
            Map<String, Object> actual = new LinkedHashMap<>(stderr.get(i));
            NOT_IN_STDERR.forEach(expected::remove);
            NOT_IN_STDERR.forEach(actual::remove);
            // An empty text is not written.
            expected.entrySet()
                    .removeIf(entry ->
                            "".equals(entry.getValue()) && !entry.getKey().equals("message"));
            if (terse.contains(csv.get(i).get("session_id"))) {
                Set.of("detail", "hint", "context", "internal_query").forEach(expected::remove);
                Set.of("internal_position", "cursor_position").forEach(expected::remove);
                Set.of("internal_position", "cursor_position").forEach(actual::remove);
            }
            if (!expected.containsKey("statement") && !expected.containsKey("internal_query")) {
                // Without the statement nothing tells a position from a message that ends like one.
                actual.computeIfPresent(
                        "message", (column, message) -> message.toString().replaceFirst(" at character \\d+$", ""));
                expected.remove("cursor_position");
            }
            assertThat(actual).as("record %d: %s", i, csv.get(i)).isEqualTo(expected);
            if ("statement: SET log_error_verbosity = terse".equals(expected.get("message"))) {
                terse.add(Objects.requireNonNull(expected.get("session_id")));
            }
        }
    }

    /** All records of a server's files of one format, by session and line. */
    private List<Map<String, Object>> records(Path data, String suffix, LogStream stream) throws IOException {
        List<Map<String, Object>> records = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(data.resolve("log"), "*" + suffix)) {
            for (Path file : files) {
                read(Files.readAllBytes(file), stream, records);
            }
        }
        records.sort(Comparator.comparing((Map<String, Object> record) -> String.valueOf(record.get("session_id")))
                .thenComparingLong(record -> record.get("line_num") instanceof Long line ? line : 0));
        return records;
    }

    private void read(byte[] bytes, LogStream stream, List<Map<String, Object>> records) {
        Framer framer = formats.framer(stream);
        RecordParser parser = formats.parser(stream);
        RecordFields fields = new RecordFields();
        Frame frame = new Frame();
        frame.begin();
        int from = 0;
        while (framer.find(frame, bytes, from, from, bytes.length, Framer.Rest.IS_THERE)) {
            RawRecord raw = new RawRecord().show(bytes, from, frame.end(), from, frame.end() - from);
            assertThat(frame.torn()).isFalse();
            assertThat(parser.parse(raw, fields)).isEqualTo(Verdict.PARSED);
            records.add(Values.of(fields));
            from = frame.next();
            frame.begin();
        }
        assertThat(from).as("everything is framed").isEqualTo(bytes.length);
    }
}
