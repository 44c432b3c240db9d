package org.pgpod.image.observation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.image.local.DebianProgram;
import org.pgpod.image.local.LocalLayout;

/**
 * Alerts and dashboards against Prometheus's own tool and against recorded pages of running pods. {@code pgpod demo --check}
 * holds them to the pages of the pods that it has just started.
 */
class WatchFilesTest {
    private static final Path DOCS = Path.of(System.getProperty("pgpod.root", ".."), "docs")
            .toAbsolutePath()
            .normalize();

    private static Path promtool = DOCS;

    @TempDir
    private Path directory;

    @BeforeAll
    static void unpack() throws Exception {
        Path programs = LocalLayout.standard().state().resolveSibling("programs");
        Files.createDirectories(programs);
        promtool =
                new DebianProgram(programs).unpacked("prometheus", "prometheus").resolve("usr/bin/promtool");
    }

    @Test
    void everyAlertLeadsToARunbookThatNamesIt() throws IOException {
        Set<String> names = new TreeSet<>();
        for (JsonNode rule : rules()) {
            String name = rule.path("alert").asText();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(rule.path("labels").path("severity").asText()).as(name).isIn("critical", "warning", "info");
            assertThat(rule.path("annotations").path("summary").asText())
                    .as(name)
                    .isNotBlank();
            String link = rule.path("annotations").path("runbook_url").asText();
            String[] parts = link.split("#", -1);
            Path page = DOCS.resolveSibling(parts[0]);
            assertThat(page).as(name).isRegularFile();
            assertThat(Files.readString(page)).as(link).contains(parts.length > 1 ? "## " + name + "\n" : name);
            if (parts.length > 1) {
                assertThat(parts[1]).isEqualTo(name.toLowerCase(java.util.Locale.ROOT));
            }
        }
        assertThat(names).hasSizeGreaterThan(40);
    }

    @Test
    void promtoolAcceptsTheRules() throws Exception {
        assertThat(promtool("check", "rules", "pgpod-rules.yaml")).contains("SUCCESS");
    }

    @Test
    void everyAlertFiresForWhatIsIllAndForNothingElse() throws Exception {
        assertThat(promtool("test", "rules", "pgpod-rules-test.yaml")).contains("SUCCESS");
        Set<String> tried = new TreeSet<>();
        for (JsonNode test : new YAMLMapper()
                .readTree(DOCS.resolve("alerts/pgpod-rules-test.yaml").toFile())
                .path("tests")) {
            JsonNode expected = test.path("promql_expr_test").path(0).path("exp_samples");
            assertThat(expected.size()).as(test.path("name").asText()).isPositive();
            assertThat(test.path("input_series").size()).isGreaterThan(expected.size());
            tried.add(test.path("name").asText());
        }
        for (JsonNode rule : rules()) {
            assertThat(tried).contains(rule.path("alert").asText());
        }
    }

    @Test
    void podsThatAreWellRaiseNoAlert() throws Exception {
        StringBuilder test = new StringBuilder("rule_files: ['" + DOCS.resolve("alerts/pgpod-rules.yaml")
                + "']\nevaluation_interval: 5m\ntests:\n  - interval: 1m\n    input_series:\n");
        int series = 0;
        for (String line : recorded().lines().toList()) {
            int end = line.lastIndexOf(' ');
            // A counter that stands still would mean that no Lease is renewed.
            boolean answered = line.startsWith("pgpod_ha_api_request_seconds_count") && line.contains("\"200\"");
            if (line.startsWith("pg")) {
                test.append("      - series: '")
                        .append(line.substring(0, end).replace("'", "''"))
                        .append("'\n        values: '")
                        .append(line.substring(end + 1).replace("+Inf", "Inf"))
                        .append(answered ? "+9x180'\n" : "x180'\n");
                series++;
            }
        }
        test.append("    promql_expr_test:\n      - expr: ALERTS{alertstate=\"firing\"}\n        eval_time: 170m\n");
        Path file = Files.writeString(directory.resolve("well-test.yaml"), test);
        assertThat(series).isGreaterThan(500);
        assertThat(promtool("test", "rules", file.toString())).contains("SUCCESS");
    }

    @Test
    void everyMetricAndLabelIsOnThePagesOfPods() throws IOException {
        ScrapedSeries series = new ScrapedSeries();
        series.add(recorded());
        assertThat(series.size()).isGreaterThan(150);
        assertThat(WatchFiles.uses()).hasSizeGreaterThan(120);
        assertThat(WatchFiles.missing(series)).isEmpty();
    }

    @Test
    void aNameThatNoPageHasIsFound() throws IOException {
        ScrapedSeries series = new ScrapedSeries();
        series.add(recorded());
        assertThat(series.missing(MetricUses.of("sum by (datnam) (pg_stat_database_xact_comit)"), Set.of()))
                .containsExactly("metric pg_stat_database_xact_comit", "label datnam of any metric beside it");
        assertThat(series.missing(
                        MetricUses.of("pg_stat_database_xact_commit{database=\"x\", instance=\"y\"}"), Set.of("mode")))
                .containsExactly(
                        "label database of pg_stat_database_xact_commit", "label mode of any metric beside it");
    }

    @Test
    void dashboardsAreWholeAndTheirExpressionsArePromql() throws Exception {
        StringBuilder records = new StringBuilder("groups:\n  - name: dashboards\n    rules:\n");
        Set<String> uids = new TreeSet<>();
        for (String file : WatchFiles.DASHBOARDS) {
            JsonNode dashboard = WatchFiles.dashboard(file);
            assertThat(uids.add(dashboard.path("uid").asText())).isTrue();
            Set<Integer> ids = new TreeSet<>();
            for (JsonNode panel : dashboard.path("panels")) {
                assertThat(ids.add(panel.path("id").asInt())).as(file).isTrue();
                assertThat(panel.path("title").asText()).isNotBlank();
            }
        }
        int number = 0;
        for (WatchFiles.Use use : WatchFiles.uses()) {
            String expression = use.expression()
                    .replace("$__rate_interval", "5m")
                    .replaceAll("\\$\\w+", ".*")
                    .replace("'", "''")
                    .replace("\n", " ");
            records.append("      - {record: one:use, labels: {number: '")
                    .append(number++)
                    .append("'}, expr: '")
                    .append(expression)
                    .append("'}\n");
        }
        Path file = Files.writeString(directory.resolve("dashboards.yaml"), records);
        assertThat(promtool("check", "rules", file.toString())).contains("SUCCESS");
    }

    private static List<JsonNode> rules() {
        List<JsonNode> rules = new ArrayList<>();
        WatchFiles.rules().path("groups").forEach(group -> group.path("rules").forEach(rules::add));
        return rules;
    }

    /**
     * The pages of all sidecars of a primary and a standby of {@code pgpod demo}: metrics that begin with {@code pg}, without
     * comments, most settings, locks and buckets, and with the label {@code instance}.
     */
    private static String recorded() throws IOException {
        try (InputStream stream = Objects.requireNonNull(WatchFilesTest.class.getResourceAsStream("pages.txt"))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String promtool(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(promtool.toString()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command)
                .directory(DOCS.resolve("alerts").toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
