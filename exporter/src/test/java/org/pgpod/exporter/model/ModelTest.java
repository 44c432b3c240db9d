package org.pgpod.exporter.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
    private static final Collected RESULT =
            new Collected(List.of(MetricFamily.of("pg_x", MetricType.GAUGE, "X.", 1)), 2, 3, 4);

    @ParameterizedTest
    @CsvSource({
        "13-16, 16, true",
        "13-16, 17, false",
        "17+, 17, true",
        "17+, 16, false",
        "15, 15, true",
        "15, 14, false"
    })
    void rangesContainTheirEnds(String range, int major, boolean contained) {
        assertThat(VersionRange.parse(range).contains(major)).isEqualTo(contained);
        assertThat(VersionRange.parse(range)).hasToString(range);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "9.6", "16-13", "a", "-13", "13-"})
    void whatIsNoRangeIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> VersionRange.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "app_*, app_1, true",
        "app_*, shop, false",
        "*, shop, true",
        "a?c, abc, true",
        "a?c, ac, false",
        "a.c, abc, false",
        "*old, shop old, true",
        "shop, shop2, false",
        "'a\\E*', 'a\\Eb', true"
    })
    void patternsForNamesMatchAsInAShell(String pattern, String name, boolean matches) {
        assertThat(new NamePatterns(List.of(pattern)).match(name)).isEqualTo(matches);
        assertThat(NamePatterns.NONE.match(name)).isFalse();
    }

    @Test
    void labelsAreEscapedAndBounded() {
        assertThat(LabelText.of("query", "a\"b\\c\nd")).isEqualTo("query=\"a\\\"b\\\\c\\nd\"");
        assertThat(LabelText.of("name", "x".repeat(1_000))).hasSize(LabelText.VALUE_LENGTH_MAX + "name=\"\"".length());
        String emoji = "x".repeat(LabelText.VALUE_LENGTH_MAX - 1) + "😀";
        assertThat(LabelText.of("name", emoji)).doesNotContain("\uD83D").endsWith("x\"");
    }

    @Test
    void aFailingFamilyKeepsItsLastGoodResultUntilItIsStale() {
        Duration ttl = Duration.ofSeconds(1);
        FamilyState state = FamilyState.UNTRIED.succeeded(RESULT, 1_000).failed("too slow", 2_000);
        assertThat(state.shownAt(2_000, ttl)).contains(RESULT);
        assertThat(state.shownAt(1_000 + 301_000, ttl)).contains(RESULT);
        assertThat(state.shownAt(1_000 + 301_001, ttl)).isEmpty();
        assertThat(state.failures()).isEqualTo(1);
        assertThat(state.duplicateRows()).isEqualTo(2);
    }

    @Test
    void countersOutliveAServerThatIsGone() {
        FamilyState state = FamilyState.UNTRIED
                .succeeded(RESULT, 1_000)
                .succeeded(RESULT, 2_000)
                .forgotten();
        assertThat(state.good()).isEmpty();
        assertThat(state.dueAt(2_001, Duration.ofDays(1))).isTrue();
        assertThat(state.duplicateRows()).isEqualTo(4);
        assertThat(state.droppedSeries()).isEqualTo(6);
        assertThat(state.skippedItems()).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>",
                "up",
                "up ",
                "up one",
                "up{",
                "up{} ",
                "up{a} 1",
                "up{a=\"b} 1",
                "up{a=\"b\" 1",
                "up 1 2 3",
                "up 1 x",
                "up{a=\"b\"c=\"d\"} 1",
                "{a=\"b\"} 1",
                "1up 1"
            })
    void whatIsNoSampleIsRefused(String line) {
        assertThatIllegalArgumentException().isThrownBy(() -> TextPage.families(line));
    }

    @Test
    void aPageIsSplitIntoFamiliesAndLabelled() {
        List<TextFamily> families = TextPage.families("""
                # HELP latency_seconds How long.
                # TYPE latency_seconds histogram
                latency_seconds_bucket{le="0.1"} 1
                latency_seconds_sum 3.5
                # TYPE up gauge
                up{} 1
                stray 7 1700000000000
                # EOF
                latency_secondsx 1
                # HELP up Twice.
                own{sidecar="x",b=",sidecar=\\"} "} 2
                """, ExpositionFormat.TEXT, "ha-agent");
        assertThat(families)
                .extracting(TextFamily::name)
                .containsExactly("latency_seconds", "up", "stray", "latency_secondsx", "own");
        assertThat(families.get(0).type()).contains(MetricType.HISTOGRAM);
        assertThat(families.get(0).help()).contains("How long.");
        assertThat(lines(families.get(0), ExpositionFormat.TEXT))
                .containsExactly(
                        "latency_seconds_bucket{sidecar=\"ha-agent\",le=\"0.1\"} 1",
                        "latency_seconds_sum{sidecar=\"ha-agent\"} 3.5");
        assertThat(families.get(1).help()).contains("Twice.");
        assertThat(lines(families.get(4), ExpositionFormat.TEXT))
                .containsExactly("own{sidecar=\"ha-agent\",exported_sidecar=\"x\",b=\",sidecar=\\\"} \"} 2");
        assertThat(lines(families.get(1), ExpositionFormat.TEXT)).containsExactly("up{sidecar=\"ha-agent\"} 1");
        assertThat(lines(families.get(2), ExpositionFormat.TEXT))
                .containsExactly("stray{sidecar=\"ha-agent\"} 7 1700000000000");
        assertThat(lines(families.get(2), ExpositionFormat.OPEN_METRICS))
                .containsExactly("stray{sidecar=\"ha-agent\"} 7 1700000000");
    }

    private static List<String> lines(TextFamily family, ExpositionFormat format) {
        return family.samples().stream().map(sample -> sample.text(format)).toList();
    }

    @Test
    void openMetricsBecomesTheSameFamiliesAndKeepsItsExemplars() {
        List<TextFamily> families = TextPage.families("""
                # TYPE queries counter
                # HELP queries Say \\"what\\" \\\\ was\\nasked.
                queries_total{db="a"} 3.0 # {trace_id="abc # }",span_id="d"} 1.0 1700000000.25
                queries_created{db="a"} 1.6e9
                # HELP latency_seconds How long.
                # TYPE latency_seconds histogram
                # UNIT latency_seconds seconds
                latency_seconds_bucket{le="+Inf"} 1 1700000000.5 # {trace_id="e"} 0.2
                # TYPE build info
                build_info{version="1"} 1
                # TYPE odd gaugehistogram
                odd_gcount 2
                # TYPE what unknown
                what 1
                # EOF
                """, ExpositionFormat.OPEN_METRICS, "p");
        assertThat(families)
                .extracting(TextFamily::name)
                .containsExactly("queries_total", "latency_seconds", "build_info", "odd_gcount", "what");
        assertThat(families)
                .extracting(family -> family.type().map(MetricType::text).orElse("none"))
                .containsExactly("counter", "histogram", "gauge", "none", "untyped");
        assertThat(families.getFirst().help()).contains("Say \"what\" \\ was\nasked.");
        assertThat(lines(families.get(0), ExpositionFormat.TEXT))
                .containsExactly("queries_total{sidecar=\"p\",db=\"a\"} 3.0");
        assertThat(lines(families.get(0), ExpositionFormat.OPEN_METRICS))
                .containsExactly("queries_total{sidecar=\"p\",db=\"a\"} 3.0"
                        + " # {trace_id=\"abc # }\",span_id=\"d\"} 1.0 1700000000.25");
        assertThat(lines(families.get(1), ExpositionFormat.TEXT))
                .containsExactly("latency_seconds_bucket{sidecar=\"p\",le=\"+Inf\"} 1 1700000000500");
        assertThat(lines(families.get(1), ExpositionFormat.OPEN_METRICS))
                .containsExactly(
                        "latency_seconds_bucket{sidecar=\"p\",le=\"+Inf\"} 1 1700000000.5 # {trace_id=\"e\"} 0.2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up 1\n",
                "up 1 # x\n# EOF\n",
                "up 1 # {a=\"b\"}\n# EOF\n",
                "up 1 # {a=\"b\"} x\n# EOF\n",
                "up 1 # {a=\"b\"} 1 x\n# EOF\n",
                "up 1 1s\n# EOF\n"
            })
    void whatIsNoPageOfOpenMetricsIsRefused(String page) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextPage.families(page, ExpositionFormat.OPEN_METRICS, "p"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ha-agent",
                "=http://127.0.0.1/",
                "a b=http://127.0.0.1/",
                "x=https://127.0.0.1/",
                "x=file:/etc"
            })
    void whatIsNoMergeTargetIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> MergeTarget.parse(text));
    }
}
