package org.pgpod.exporter.expose;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.Scrape;
import org.pgpod.exporter.model.ScrapedFamilies;
import org.pgpod.exporter.model.SidecarPage;
import org.pgpod.exporter.model.TextFamily;
import org.pgpod.exporter.model.TextPage;

/**
 * Puts one page together: Postgres, the exporter itself, its process, the other sidecars. No metric name has two headers,
 * so that every page is one that Prometheus accepts.
 */
final class MetricsPage {
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
    static PageBody render(ExpositionFormat format, Scrape scrape, List<MetricFamily> own, String meters) {
        List<MetricFamily> families = ScrapedFamilies.of(scrape, own);
        List<TextFamily> ofMeters = TextPage.families(meters);
        Set<String> names = new HashSet<>();
        families.stream().map(MetricFamily::name).forEach(names::add);
        ofMeters.stream().map(TextFamily::name).forEach(names::add);
        scrape.sidecars().stream()
                .flatMap(sidecar -> sidecar.families().stream())
                .map(TextFamily::name)
                .forEach(names::add);
        MetricsPage page = new MetricsPage(new ExpositionBuffer(format, names));
        families.forEach(page::family);
        page.merged(ofMeters, scrape.sidecars());
        page.buffer.end();
        return page.buffer.body();
    }

    private void family(MetricFamily family) {
        written.add(family.name());
        buffer.family(family);
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
