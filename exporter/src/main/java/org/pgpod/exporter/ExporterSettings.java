package org.pgpod.exporter;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.SectionSchema;
import org.pgpod.core.config.Values;
import org.pgpod.exporter.catalog.CollectorFiles;
import org.pgpod.exporter.model.MergeTarget;

/**
 * The section {@code exporter} of the configuration.
 *
 * @param scrapeDeadline the longest that a scrape waits for anything
 * @param loginCheckInterval the least time between logins that only check whether logins work
 */
record ExporterSettings(
        String adminAddress,
        int adminPort,
        Optional<Path> webConfigFile,
        String postgresAddress,
        CollectorFiles collectorFiles,
        List<String> disabledCollectors,
        Duration scrapeDeadline,
        Duration loginCheckInterval,
        List<MergeTarget> mergeTargets,
        CollectionSettings collection) {

    /** The Postgres role of the exporter, a member of pg_monitor and no more. */
    static final String ROLE = "pgpod_exporter";

    private static final Option<String> ADMIN_ADDRESS = Options.text(
                    "adminAddress", "The address on which the exporter serves /metrics, /livez and /readyz.")
            .withDefault("0.0.0.0");
    private static final Option<Integer> ADMIN_PORT = Options.port("adminPort", 9187, "The port of that address.");
    private static final Option<Optional<Path>> WEB_CONFIG_FILE = Options.optionalPath(
            "webConfigFile",
            "TLS and passwords of that port: a file in the form of exporter-toolkit's web configuration, read again when"
                    + " it changes.");
    private static final Option<String> POSTGRES_ADDRESS = Options.text(
                    "postgresAddress", "The loopback address on which Postgres listens, with pod.postgresPort.")
            .withDefault("127.0.0.1");
    private static final Option<Optional<Path>> COLLECTOR_DIRECTORY = Options.optionalPath(
            "collectorDirectory",
            "A directory of collector files, which add to pgpod's own or take the place of one of the same name; read"
                    + " again when they change.");
    private static final Option<Optional<Path>> POSTGRES_EXPORTER_QUERIES = Options.optionalPath(
            "postgresExporterQueries",
            "A file in the form of postgres_exporter's queries.yaml, or a directory of such files; read again when they"
                    + " change.");
    private static final Option<Optional<Path>> CNPG_QUERIES = Options.optionalPath(
            "cnpgQueries",
            "The same in the form of CloudNativePG's custom queries, such as a mounted ConfigMap; metrics begin with"
                    + " cnpg_.");
    private static final Option<List<String>> DISABLED_COLLECTORS =
            Options.list("disabledCollectors", "Names of collectors that are not used.");
    private static final Option<Duration> SCRAPE_DEADLINE = Options.duration(
                    "scrapeDeadline",
                    Duration.ofMillis(100),
                    Duration.ofSeconds(30),
                    "The longest that a scrape waits. What is not there by then is shown as it was, with its age; a"
                            + " shorter X-Prometheus-Scrape-Timeout-Seconds counts instead, less half a second.")
            .withDefault("3s");
    private static final Option<Duration> LOGIN_CHECK_INTERVAL = Options.duration(
                    "loginCheckInterval",
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(5),
                    "The least time between two logins by which pg_up checks that new logins work.")
            .withDefault("10s");
    private static final Option<List<MergeTarget>> MERGE_TARGETS = Options.of(
                    "mergeTargets",
                    "a list of " + MergeTarget.ALLOWED,
                    "Other sidecars of the pod whose metrics are shown too, each series with the label `sidecar`.",
                    ExporterSettings::mergeTargets)
            .withDefault("");

    static final SectionSchema SCHEMA = new SectionSchema(
            "exporter",
            "Prometheus metrics of Postgres and of the pod.",
            Stream.of(
                            List.of(
                                    ADMIN_ADDRESS,
                                    ADMIN_PORT,
                                    WEB_CONFIG_FILE,
                                    POSTGRES_ADDRESS,
                                    COLLECTOR_DIRECTORY,
                                    POSTGRES_EXPORTER_QUERIES,
                                    CNPG_QUERIES,
                                    DISABLED_COLLECTORS,
                                    SCRAPE_DEADLINE,
                                    LOGIN_CHECK_INTERVAL,
                                    MERGE_TARGETS),
                            CollectionSettings.OPTIONS,
                            HostSettings.OPTIONS)
                    .flatMap(List::stream)
                    .toList());

    ExporterSettings {
        disabledCollectors = List.copyOf(disabledCollectors);
        mergeTargets = List.copyOf(mergeTargets);
    }

    private static List<MergeTarget> mergeTargets(String text) {
        List<MergeTarget> targets = new ArrayList<>();
        for (String entry : text.split("[,\n]", -1)) {
            if (!entry.isBlank()) {
                targets.add(MergeTarget.parse(entry.strip()));
            }
        }
        if (targets.stream().map(MergeTarget::name).distinct().count() < targets.size()) {
            throw new IllegalArgumentException("a name twice");
        }
        return targets;
    }

    static ExporterSettings from(Values values) {
        return new ExporterSettings(
                values.get(ADMIN_ADDRESS),
                values.get(ADMIN_PORT),
                values.get(WEB_CONFIG_FILE),
                values.get(POSTGRES_ADDRESS),
                new CollectorFiles(
                        values.get(COLLECTOR_DIRECTORY),
                        values.get(POSTGRES_EXPORTER_QUERIES),
                        values.get(CNPG_QUERIES)),
                values.get(DISABLED_COLLECTORS),
                values.get(SCRAPE_DEADLINE),
                values.get(LOGIN_CHECK_INTERVAL),
                values.get(MERGE_TARGETS),
                CollectionSettings.from(values));
    }
}
