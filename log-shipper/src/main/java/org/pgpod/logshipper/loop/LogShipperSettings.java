package org.pgpod.logshipper.loop;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.logshipper.forward.ForwardSettings;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.sink.StoreSettings;
import org.pgpod.logshipper.sink.StoreSettings.SslMode;

/**
 * The section {@code logShipper}.
 *
 * @param agentUrl where ha-agent says what the server is
 * @param store where records are stored exactly once
 * @param forwards where else they go, at least once
 * @param bufferBytes how much may wait for all sinks in memory; the files hold the rest
 * @param recordBytesMax a longer record is cut
 * @param pollInterval how often files are looked at for more
 * @param flushInterval how long a record may wait for others
 * @param drainTimeout how long stopping may take to store what is there
 * @param retryMax the longest pause between attempts to reach the store
 * @param logLinePrefix the value of Postgres's setting of that name
 * @param logTimeZone the zone of Postgres's {@code log_timezone}
 * @param files the life of Postgres's log files
 * @param knowledge what is taken out of records, and which are left out
 */
record LogShipperSettings(
        String adminAddress,
        int adminPort,
        URI agentUrl,
        Optional<StoreSettings> store,
        List<ForwardSettings> forwards,
        int bufferBytes,
        int recordBytesMax,
        Duration pollInterval,
        Duration flushInterval,
        Duration drainTimeout,
        Duration retryMax,
        String logLinePrefix,
        ZoneId logTimeZone,
        FileSettings files,
        KnowledgeSettings knowledge) {

    private static final int PORT = 9189;
    private static final int AGENT_PORT = 8008;
    private static final int BUFFER_RECORDS_MIN = 4;

    private static final Option<String> ADMIN_ADDRESS = Options.text(
                    "adminAddress", "The address that `/livez`, `/readyz` and `/metrics` are served on.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> ADMIN_PORT =
            Options.port("adminPort", PORT, "The port that `/livez`, `/readyz` and `/metrics` are served on.");
    private static final Option<Optional<URI>> AGENT_URL = ForwardOptions.url(
            "agentUrl",
            "ha-agent's status of this pod, which tells role and timeline. Empty: `/status` on port 8008 of the pod's"
                    + " address.");
    private static final Option<Optional<String>> SINK_HOST = Options.optionalText(
            "sinkHost",
            "The host of the Postgres server that logs are stored in. Empty: none, and one of `otlpUrl`, `lokiUrl`,"
                    + " `httpUrl` and `stdout` must say where they go.");
    private static final Option<Integer> SINK_PORT = Options.port("sinkPort", 5432, "The port of that server.");
    private static final Option<String> SINK_DATABASE = Options.text(
                    "sinkDatabase", "The database; the shipper makes the schema `pgpod_logs` in it.")
            .withDefault("logs");
    private static final Option<String> SINK_USER = Options.text(
                    "sinkUser", "The role; it owns the schema `pgpod_logs`, or may create it.")
            .withDefault("log_shipper");
    private static final Option<Optional<Path>> SINK_PASSWORD_FILE = Options.optionalPath(
            "sinkPasswordFile",
            "A file with the role's password, read at each connection. Empty: the file named like the role in"
                    + " `pod.credentialsDirectory`, if there is one.");
    private static final Option<SslMode> SINK_SSL_MODE = Options.choice(
                    "sinkSslMode", SslMode.class, "How the connection is protected, as in libpq's `sslmode`.")
            .withDefault("verify-full");
    private static final Option<Optional<Path>> SINK_SSL_ROOT_CERT = Options.optionalPath(
            "sinkSslRootCert",
            "The authorities that the server's certificate must be signed by, as PEM. Empty: those of the Java runtime.");
    private static final Option<Duration> SINK_TIMEOUT = Options.duration(
                    "sinkTimeout",
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(10),
                    "The longest wait for the server in one step; a connection that takes longer is given up.")
            .withDefault("30s");
    private static final Option<Duration> RETRY_MAX = Options.duration(
                    "retryMax",
                    Duration.ofMillis(100),
                    Duration.ofMinutes(10),
                    "The longest pause between two attempts to reach the server; the first pauses are shorter.")
            .withDefault("30s");
    private static final Option<Integer> RETENTION_DAYS = Options.number(
                    "retentionDays",
                    0,
                    3_650,
                    "Days that logs are kept in the store, for all sources in it; 0 keeps everything. All shippers of"
                            + " one store should say the same.")
            .withDefault("14");
    private static final Option<Long> BUFFER_BYTES = Options.bytes(
                    "bufferBytes",
                    256L * 1_024,
                    1_024L * 1_024 * 1_024,
                    "Rows that may wait in memory for all sinks together, half of it in one transaction. The files are the buffer"
                            + " beyond it.")
            .withDefault("8MiB");
    private static final Option<Long> RECORD_BYTES_MAX = Options.bytes(
                    "recordBytesMax",
                    4_096,
                    64L * 1_024 * 1_024,
                    "A longer record is stored cut to this size, with its true size in `truncated_from_bytes`. At most a"
                            + " quarter of `bufferBytes`, divided by the number of sinks.")
            .withDefault("1MiB");
    private static final Option<Duration> POLL_INTERVAL = Options.duration(
                    "pollInterval",
                    Duration.ofMillis(10),
                    Duration.ofMinutes(1),
                    "How often open files are looked at for more.")
            .withDefault("200ms");
    private static final Option<Duration> FLUSH_INTERVAL = Options.duration(
                    "flushInterval",
                    Duration.ofMillis(10),
                    Duration.ofMinutes(1),
                    "How long a record may wait for others of its transaction.")
            .withDefault("500ms");
    private static final Option<Duration> DRAIN_TIMEOUT = Options.duration(
                    "drainTimeout",
                    Duration.ofMillis(100),
                    Duration.ofMinutes(10),
                    "How long stopping may take to store what is there; the rest is stored after the next start.")
            .withDefault("10s");
    private static final Option<String> LOG_LINE_PREFIX = Options.of(
                    "logLinePrefix",
                    "a value of `log_line_prefix`",
                    "The value of Postgres's `log_line_prefix`. With a time, `%c` and `%l` in it the server's records in"
                            + " `*.log` become rows like those of jsonlog.",
                    LogShipperSettings::linePrefix)
            .withDefault(LinePrefix.STANDARD);
    private static final Option<ZoneId> LOG_TIME_ZONE = Options.of(
                    "logTimeZone",
                    "a time zone such as UTC or Europe/Berlin",
                    "The value of Postgres's `log_timezone`, to understand abbreviations such as CET. With anything but"
                            + " UTC the hour that is repeated in autumn is ambiguous.",
                    LogShipperSettings::zone)
            .withDefault("UTC");

    static final SectionSchema SCHEMA = new SectionSchema(
            "logShipper",
            "Ships the logs of Postgres and of the sidecars into a central Postgres, exactly once.",
            Stream.of(
                            List.of(
                                    ADMIN_ADDRESS,
                                    ADMIN_PORT,
                                    AGENT_URL,
                                    SINK_HOST,
                                    SINK_PORT,
                                    SINK_DATABASE,
                                    SINK_USER,
                                    SINK_PASSWORD_FILE,
                                    SINK_SSL_MODE,
                                    SINK_SSL_ROOT_CERT,
                                    SINK_TIMEOUT,
                                    RETRY_MAX,
                                    RETENTION_DAYS,
                                    BUFFER_BYTES,
                                    RECORD_BYTES_MAX,
                                    POLL_INTERVAL,
                                    FLUSH_INTERVAL,
                                    DRAIN_TIMEOUT,
                                    LOG_LINE_PREFIX,
                                    LOG_TIME_ZONE),
                            FileSettings.OPTIONS,
                            KnowledgeSettings.OPTIONS,
                            ForwardOptions.ALL)
                    .<Option<?>>flatMap(List::stream)
                    .toList());

    private static String linePrefix(String text) {
        new LinePrefix(text);
        return text;
    }

    private static ZoneId zone(String text) {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException unknown) {
            throw new IllegalArgumentException("unknown zone", unknown);
        }
    }

    static LogShipperSettings from(Values values, PodSettings pod) throws ConfigurationException {
        Optional<StoreSettings> store = values.get(SINK_HOST).map(host -> store(host, values, pod));
        List<ForwardSettings> forwards = ForwardOptions.from(values, pod.logDirectory());
        int sinks = forwards.size() + (store.isPresent() ? 1 : 0);
        if (sinks == 0) {
            throw new ConfigurationException(List.of("logShipper says nowhere to ship to; set one or more of sinkHost,"
                    + " otlpUrl, lokiUrl, httpUrl and stdout"));
        }
        long buffer = values.get(BUFFER_BYTES);
        long record = values.get(RECORD_BYTES_MAX);
        if (record * BUFFER_RECORDS_MIN * sinks > buffer) {
            throw new ConfigurationException(
                    List.of("logShipper.recordBytesMax is " + record + " bytes; for each sink, of which there are "
                            + sinks + ", logShipper.bufferBytes must hold four of them, and is " + buffer + " bytes"));
        }
        return new LogShipperSettings(
                values.get(ADMIN_ADDRESS),
                values.get(ADMIN_PORT),
                values.get(AGENT_URL).orElseGet(() -> agentUrl(pod)),
                store,
                forwards,
                (int) buffer,
                (int) record,
                values.get(POLL_INTERVAL),
                values.get(FLUSH_INTERVAL),
                values.get(DRAIN_TIMEOUT),
                values.get(RETRY_MAX),
                values.get(LOG_LINE_PREFIX),
                values.get(LOG_TIME_ZONE),
                FileSettings.from(values),
                KnowledgeSettings.from(values));
    }

    private static URI agentUrl(PodSettings pod) {
        String host = pod.address().contains(":") ? "[" + pod.address() + "]" : pod.address();
        return URI.create("http://" + host + ":" + AGENT_PORT + "/status");
    }

    /** How many share the buffer. */
    int sinks() {
        return forwards.size() + (store.isPresent() ? 1 : 0);
    }

    private static StoreSettings store(String host, Values values, PodSettings pod) {
        return new StoreSettings(
                host,
                values.get(SINK_PORT),
                values.get(SINK_DATABASE),
                values.get(SINK_USER),
                passwordFile(values, pod),
                values.get(SINK_SSL_MODE),
                values.get(SINK_SSL_ROOT_CERT),
                values.get(SINK_TIMEOUT),
                values.get(RETENTION_DAYS));
    }

    private static Optional<Path> passwordFile(Values values, PodSettings pod) {
        return values.get(SINK_PASSWORD_FILE)
                .or(() -> Optional.of(pod.credential(values.get(SINK_USER))).filter(Files::exists));
    }
}
