package org.pgpod.exporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Column;
import org.pgpod.exporter.model.VersionRange;

/**
 * The names, types and labels of postgres_exporter 0.20's collectors are there on every major version. The exceptions:
 * process_idle, xlog_location (for versions before 10), and settings, whose names the server gives.
 */
class PeerNamesTest {
    private static final Path LIST = Path.of("src/test/resources/org/pgpod/exporter/golden/postgres_exporter-0.20.txt");

    private static List<Collector> collectors;

    @BeforeAll
    static void readCollectors() throws Exception {
        collectors = Catalog.builtIn().collectors();
    }

    static Stream<String> metrics() throws Exception {
        return Files.readAllLines(LIST).stream().filter(line -> !line.startsWith("#"));
    }

    @ParameterizedTest
    @MethodSource("metrics")
    void aMetricOfPostgresExporterIsThereWithItsTypeAndLabels(String line) {
        String[] words = line.split(" ", -1);
        List<String> labels = words[2].equals("-") ? List.of() : Arrays.asList(words[2].split(",", -1));
        VersionRange versions = words[3].equals("all") ? VersionRange.ALL : VersionRange.parse(words[3]);
        IntStream.rangeClosed(13, 18).filter(versions::contains).forEach(major -> {
            Optional<Collector> maker = collectors.stream()
                    .filter(collector -> makes(collector, words[0], words[1], major))
                    .findFirst();
            assertThat(maker).as(line + " on " + major).isPresent();
            assertThat(maker.orElseThrow().labels()).as(line).containsAll(labels);
        });
    }

    private static boolean makes(Collector collector, String metric, String type, int major) {
        return collector.queries().stream().anyMatch(query -> query.versions().contains(major))
                && collector.columnsFor(major).stream()
                        .filter(column -> collector.metricName(column).equals(metric))
                        .map(Column::usage)
                        .flatMap(usage -> usage.type().stream())
                        .anyMatch(made -> made.text().equals(type));
    }
}
