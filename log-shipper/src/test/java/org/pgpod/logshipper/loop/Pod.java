package org.pgpod.logshipper.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;

/** A pod's log directory and its log-shippers, and what the store holds of them. */
final class Pod implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory = Unprivileged.directory("logs");
    private final PostgresServer sink;
    private final int sinkPort;
    private final List<Sidecar> sidecars = new ArrayList<>();
    private int configurations;

    /** A pod whose shippers reach the sink through another port. */
    Pod(PostgresServer sink, int sinkPort) {
        this.sink = sink;
        this.sinkPort = sinkPort;
        try {
            Files.createDirectories(directory.resolve("sidecars"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    Pod(PostgresServer sink) {
        this(sink, sink.port());
    }

    Path postgresLogs() {
        return directory.resolve("postgres");
    }

    Path sidecarLogs() {
        return directory.resolve("sidecars");
    }

    /** A configuration file for one shipper, with options besides those that every test needs. */
    Path configuration(int adminPort, Map<String, String> options) throws IOException {
        StringBuilder yaml = new StringBuilder("""
                pod:
                  cluster: c
                  namespace: n
                  name: p-0
                  uid: u
                  address: 127.0.0.1
                  node: machine
                  zone: z-1
                  logDirectory: %s
                logShipper:
                  adminAddress: 127.0.0.1
                  adminPort: %d
                  sinkPort: %d
                  sinkDatabase: postgres
                  sinkUser: postgres
                  sinkSslMode: disable
                  pollInterval: 20ms
                  flushInterval: 20ms
                  retryMax: 1s
                """.formatted(directory, adminPort, sinkPort));
        if (!options.containsKey("sinkHost")) {
            yaml.append("  sinkHost: 127.0.0.1\n");
        }
        options.forEach((key, value) ->
                yaml.append("  ").append(key).append(": ").append(value).append('\n'));
        Path file = directory.resolve("configuration-" + configurations++ + ".yaml");
        return Files.writeString(file, yaml);
    }

    /** Starts a shipper in this process. */
    Sidecar start(int adminPort, Map<String, String> options) throws IOException, ConfigurationException {
        Sidecar sidecar = ShipperProcess.sidecar(configuration(adminPort, options));
        sidecars.add(sidecar);
        sidecar.start();
        return sidecar;
    }

    Sidecar start() throws IOException, ConfigurationException {
        return start(PostgresServer.freePort(), Map.of());
    }

    void stop(Sidecar sidecar) {
        sidecars.remove(sidecar);
        sidecar.stop();
    }

    /** Appends lines of a sidecar to a file, numbered from {@code first} to before {@code end}. */
    void writeLines(String file, int first, int end) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int line = first; line < end; line++) {
            lines.append("{\"timestamp\":\"")
                    .append(Instant.now())
                    .append("\",\"level\":\"INFO\",\"sidecar\":\"exporter\",\"instance\":\"i\",\"line\":")
                    .append(line)
                    .append(",\"message\":\"line ")
                    .append(line)
                    .append(" é漢😀\"}\n");
        }
        append(file, lines.toString());
    }

    void append(String file, String text) throws IOException {
        Files.writeString(sidecarLogs().resolve(file), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The (session id, line number) of every record in Postgres's files, as they stand now. */
    List<String> recordsInFiles() throws IOException {
        List<String> keys = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(postgresLogs(), "*.json")) {
            for (Path file : files) {
                for (String line : Files.readAllLines(file)) {
                    JsonNode record = JSON.readTree(line);
                    keys.add(record.get("session_id").asText() + "/"
                            + record.get("line_num").asText());
                }
            }
        }
        return keys;
    }

    /** The same of the store, for the records of this pod. */
    List<String> recordsInStore() throws IOException, SQLException {
        return texts("SELECT session_id || '/' || line_num FROM pgpod_logs.postgres_log WHERE " + isOfThisPod());
    }

    /** A condition on rows of the store, which may hold those of several pods. */
    String isOfThisPod() throws IOException {
        return "source_id = '"
                + Files.readString(directory.resolve("source-id")).strip() + "'";
    }

    /** The first column of a query's rows in the store. */
    List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = sink.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(String.valueOf(rows.getString(1)));
            }
        }
        return texts;
    }

    long number(String sql) throws SQLException {
        return Long.parseLong(texts(sql).getFirst());
    }

    /** Whether the store holds exactly the sidecar lines from 0 to before {@code end}, each once. */
    boolean holdsLines(int end) throws SQLException {
        return texts("SELECT count(*) || ' ' || count(DISTINCT line) || ' ' || coalesce(max(line), -1)"
                        + " FROM pgpod_logs.sidecar_log")
                .getFirst()
                .equals(end + " " + end + " " + (end - 1));
    }

    static String get(int port, String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + "\n" + answer.body();
        }
    }

    @Override
    public void close() {
        List.copyOf(sidecars).forEach(this::stop);
        Unprivileged.delete(directory);
    }
}
