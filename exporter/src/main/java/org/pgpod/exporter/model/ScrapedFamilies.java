package org.pgpod.exporter.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/** What a scrape shows of Postgres, of the host and of the exporter itself. */
public final class ScrapedFamilies {
    private static final double MILLIS_PER_SECOND = 1_000;

    private final Map<String, MetricFamily> families = new LinkedHashMap<>();

    private ScrapedFamilies() {}

    /**
     * The families of a scrape that have series, in the order of the page; of two with one name the first.
     *
     * @param own families of the exporter itself that are no part of the scrape
     */
    public static List<MetricFamily> of(Scrape scrape, List<MetricFamily> own) {
        ScrapedFamilies all = new ScrapedFamilies();
        all.own(scrape);
        collected(scrape).forEach(all::family);
        scrape.host().forEach(all::family);
        own.forEach(all::family);
        return List.copyOf(all.families.values());
    }

    private static List<MetricFamily> collected(Scrape scrape) {
        return scrape.shown().stream()
                .flatMap(collector ->
                        scrape.board().family(collector).shownAt(scrape.nowMillis(), collector.ttl()).stream())
                .flatMap(result -> result.families().stream())
                .toList();
    }

    private void family(MetricFamily family) {
        if (family.size() > 0) {
            families.putIfAbsent(family.name(), family);
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
}
