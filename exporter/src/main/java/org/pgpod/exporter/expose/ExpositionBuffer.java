package org.pgpod.exporter.expose;

import java.util.Optional;
import java.util.Set;
import org.pgpod.exporter.model.ExpositionFormat;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;
import org.pgpod.exporter.model.TextFamily;

/** Writes the families of a page. */
final class ExpositionBuffer {
    private final ExpositionFormat format;
    private final Set<String> names;
    private final PageBody body = new PageBody();
    private final LineWriter lines = new LineWriter(body::add);

    /**
     * An empty page.
     *
     * @param names of all families that the page will have, as the text format has them
     */
    ExpositionBuffer(ExpositionFormat format, Set<String> names) {
        this.format = format;
        this.names = names;
    }

    /** What was written so far. */
    PageBody body() {
        lines.flush();
        return body;
    }

    @Override
    public String toString() {
        return body().toString();
    }

    void family(MetricFamily family) {
        if (family.size() == 0) {
            return;
        }
        header(family.name(), Optional.of(family.type()), Optional.of(family.help()));
        if (family.packed().isPresent()) {
            lines.flush();
            body.add(family.packed().get());
        } else {
            lines.series(family, format);
        }
    }

    /** The lines that describe a family; {@code name} is that of the text format. */
    void header(String name, Optional<MetricType> type, Optional<String> help) {
        String shownName = name;
        Optional<String> shownType = type.map(MetricType::text);
        if (format == ExpositionFormat.OPEN_METRICS) {
            OpenMetricsName open = OpenMetricsName.of(name, type.orElse(MetricType.UNTYPED), names);
            shownName = open.name();
            shownType = Optional.of(open.type().openMetrics());
        }
        String described = shownName;
        help.ifPresent(sentence -> comment("# HELP ", described, escaped(sentence)));
        shownType.ifPresent(word -> comment("# TYPE ", described, word));
        if (format == ExpositionFormat.OPEN_METRICS) {
            OpenMetricsName.unit(described).ifPresent(unit -> comment("# UNIT ", described, unit));
        }
    }

    private void comment(String kind, String name, String rest) {
        lines.text(kind).text(name).one(' ').text(rest).one('\n');
    }

    void samples(TextFamily family) {
        family.samples().forEach(sample -> lines.text(sample.text(format)).one('\n'));
    }

    /** Nothing is added after it. */
    void end() {
        if (format == ExpositionFormat.OPEN_METRICS) {
            lines.text("# EOF\n");
        }
    }

    private String escaped(String help) {
        if (help.indexOf('\\') < 0 && help.indexOf('\n') < 0 && help.indexOf('"') < 0) {
            return help;
        }
        String escaped = help.replace("\\", "\\\\").replace("\n", "\\n");
        return format == ExpositionFormat.OPEN_METRICS ? escaped.replace("\"", "\\\"") : escaped;
    }
}
