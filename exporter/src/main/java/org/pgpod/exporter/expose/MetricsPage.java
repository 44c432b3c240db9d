package org.pgpod.exporter.expose;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.FamilyState;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.OwnMetric;
import org.pgpod.exporter.model.Scrape;
import org.pgpod.exporter.model.ServerState;
import org.pgpod.exporter.model.SidecarPage;
import org.pgpod.exporter.model.TextFamily;
import org.pgpod.exporter.model.TextPage;

/**
 * Puts one page together: Postgres, the exporter itself, its process, the other sidecars. No metric name has two headers,
 * so that every page is one that Prometheus accepts.
 */
final class MetricsPage {
    private static final double MILLIS_PER_SECOND = 1_000;

    private final ExpositionBuffer buffer;
    private final Set<String> written = new HashSet<>();

    private MetricsPage(ExpositionBuffer buffer) {
        this.buffer = buffer;
    }

    /**
     * Renders a scrape.
     *
     * @param own families of the exporter itself, besides those of its meters
     * @param meters the page of the exporter's meters
     */
    static ExpositionBuffer render(ExpositionFormat format, Scrape scrape, List<MetricFamily> own, String meters) {
        List<MetricFamily> collected = collected(scrape);
        List<TextFamily> ofMeters = TextPage.families(meters);
        Set<String> names = new HashSet<>();
        Stream.of(collected, scrape.host(), own)
                .flatMap(List::stream)
                .map(MetricFamily::name)
                .forEach(names::add);
        ofMeters.stream().map(TextFamily::name).forEach(names::add);
        scrape.sidecars().stream()
                .flatMap(sidecar -> sidecar.families().stream())
                .map(TextFamily::name)
                .forEach(names::add);
        MetricsPage page = new MetricsPage(new ExpositionBuffer(format, names));
        page.own(scrape);
        collected.forEach(page::family);
        scrape.host().forEach(page::family);
        own.forEach(page::family);
        page.merged(ofMeters, scrape.sidecars());
        page.buffer.end();
        return page.buffer;
    }

    private static List<MetricFamily> collected(Scrape scrape) {
        return scrape.shown().stream()
                .flatMap(collector ->
                        scrape.board().family(collector).shownAt(scrape.nowMillis(), collector.ttl()).stream())
                .flatMap(result -> result.families().stream())
                .toList();
    }

    private void family(MetricFamily family) {
        if (written.add(family.name())) {
            buffer.family(family);
        }
    }

    private void own(Scrape scrape) {
        boolean failing = scrape.shown().stream()
                .anyMatch(
                        collector -> scrape.board().family(collector).failure().isPresent());
        boolean answering = scrape.board().server() instanceof ServerState.Answering;
        family(OwnMetric.UP.of(scrape.up() ? 1 : 0));
        family(OwnMetric.LAST_SCRAPE_DURATION.of(scrape.waited().toMillis() / MILLIS_PER_SECOND));
        family(OwnMetric.LAST_SCRAPE_ERROR.of(failing || !answering || !scrape.up() ? 1 : 0));
        for (OwnMetric total :
                List.of(OwnMetric.SCRAPES, OwnMetric.COLLECTIONS, OwnMetric.LOGINS, OwnMetric.LATE_SCRAPES)) {
            family(total.of((double) scrape.totals().of(total)));
        }
        families(scrape);
        MetricFamily.Builder merges = OwnMetric.MERGE_UP.builder();
        for (SidecarPage sidecar : scrape.sidecars()) {
            merges.add(LabelText.of("sidecar", sidecar.sidecar()), sidecar.up() ? 1 : 0);
        }
        family(merges.build());
    }

    private void families(Scrape scrape) {
        MetricFamily.Builder success = OwnMetric.COLLECTOR_SUCCESS.builder();
        MetricFamily.Builder age = OwnMetric.FAMILY_AGE.builder();
        MetricFamily.Builder series = OwnMetric.FAMILY_SERIES.builder();
        for (Collector collector : scrape.shown()) {
            FamilyState state = scrape.board().family(collector);
            String label = LabelText.of("family", collector.name());
            if (state.runs() > 0) {
                success.add(
                        LabelText.of("collector", collector.name()),
                        state.failure().isEmpty() ? 1 : 0);
            }
            if (state.good().isPresent()) {
                age.add(label, (scrape.nowMillis() - state.goodAtMillis()) / MILLIS_PER_SECOND);
            }
            series.add(
                    label,
                    state.shownAt(scrape.nowMillis(), collector.ttl())
                            .map(Collected::series)
                            .orElse(0));
        }
        family(success.build());
        family(age.build());
        family(series.build());
        total(scrape, OwnMetric.FAMILY_FAILURES, FamilyState::failures);
        total(scrape, OwnMetric.DUPLICATE_ROWS, FamilyState::duplicateRows);
        total(scrape, OwnMetric.DROPPED_SERIES, FamilyState::droppedSeries);
        total(scrape, OwnMetric.SKIPPED_ITEMS, FamilyState::skippedItems);
    }

    private void total(Scrape scrape, OwnMetric metric, ToLongFunction<FamilyState> count) {
        MetricFamily.Builder builder = metric.builder();
        scrape.board().families().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> builder.add(
                        LabelText.of("family", entry.getKey()), (double) count.applyAsLong(entry.getValue())));
        family(builder.build());
    }

    /** Families of several pages under one header each; the header of the page that comes first counts. */
    private void merged(List<TextFamily> own, List<SidecarPage> sidecars) {
        Map<String, List<TextFamily>> byName = new LinkedHashMap<>();
        own.forEach(family ->
                byName.computeIfAbsent(family.name(), name -> new ArrayList<>()).add(family));
        for (SidecarPage sidecar : sidecars) {
            for (TextFamily family : sidecar.families()) {
                byName.computeIfAbsent(family.name(), name -> new ArrayList<>()).add(family);
            }
        }
        byName.forEach((name, families) -> {
            if (written.add(name)) {
                TextFamily first = families.getFirst();
                buffer.header(name, first.type(), first.help());
                families.forEach(buffer::samples);
            }
        });
    }
}
