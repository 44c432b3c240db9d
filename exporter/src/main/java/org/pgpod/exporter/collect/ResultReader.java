package org.pgpod.exporter.collect;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Column;
import org.pgpod.exporter.model.LabelText;
import org.pgpod.exporter.model.MetricFamily;
import org.pgpod.exporter.model.MetricType;
import org.pgpod.exporter.model.Usage;

/**
 * Turns the results of one collector into metric families: rows with labels seen before are dropped and counted, series
 * beyond the budget are dropped and counted, and text that is no UTF-8 is shown with replacement characters.
 */
final class ResultReader {
    /** The SQLSTATE of a result that is not what the collector declares: invalid_column_reference. */
    private static final String WRONG_COLUMNS = "42P10";

    private final Collector collector;
    private final Map<String, MetricFamily.Builder> families = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();
    private int series;
    private int duplicateRows;
    private int droppedSeries;

    ResultReader(Collector collector) {
        this.collector = collector;
    }

    Collected collected(int skippedItems) {
        List<MetricFamily> built = new ArrayList<>();
        families.values().forEach(builder -> built.add(builder.build()));
        return new Collected(built, duplicateRows, droppedSeries, skippedItems);
    }

    /** Adds the rows of one result of a server of this major version. */
    ResultReader add(ResultSet result, int major) throws SQLException {
        Map<Usage, List<Place>> places = places(result.getMetaData(), major);
        List<Place> labels = places.getOrDefault(Usage.LABEL, List.of());
        List<Place> values = new ArrayList<>();
        places.forEach((usage, of) -> {
            if (usage.type().isPresent()) {
                values.addAll(of);
            }
        });
        List<Place> names = places.getOrDefault(Usage.NAME, List.of());
        while (result.next()) {
            String labelText = labelText(result, labels);
            if (names.isEmpty()) {
                row(result, labelText, values);
            } else {
                named(result, labelText, names.getFirst(), values.getFirst(), places);
            }
        }
        return this;
    }

    /** A declared column and its place in the result. */
    private record Place(Column column, int index) {}

    private Map<Usage, List<Place>> places(ResultSetMetaData shape, int major) throws SQLException {
        Map<String, Integer> indexes = new HashMap<>();
        for (int index = 1; index <= shape.getColumnCount(); index++) {
            indexes.put(shape.getColumnLabel(index), index);
        }
        Map<Usage, List<Place>> places = new LinkedHashMap<>();
        for (Column column : collector.columnsFor(major)) {
            Integer index = indexes.remove(column.name());
            if (index == null) {
                throw new SQLException(
                        collector.title() + ": column " + column.name() + ": the query's result does not have it",
                        WRONG_COLUMNS);
            }
            places.computeIfAbsent(column.usage(), usage -> new ArrayList<>()).add(new Place(column, index));
        }
        if (!indexes.isEmpty()) {
            throw new SQLException(
                    collector.title() + ": column "
                            + indexes.keySet().iterator().next()
                            + ": the query's result has it, metrics does not declare it",
                    WRONG_COLUMNS);
        }
        return places;
    }

    private void row(ResultSet result, String labels, List<Place> values) throws SQLException {
        if (!seen.add(labels)) {
            duplicateRows++;
            return;
        }
        for (Place place : values) {
            OptionalDouble value = value(result, place);
            if (value.isPresent()) {
                Column column = place.column();
                MetricType type = column.usage().type().orElseThrow();
                add(collector.metricName(column), type, column.description(), labels, value.getAsDouble());
            }
        }
    }

    private void named(ResultSet result, String labels, Place name, Place value, Map<Usage, List<Place>> places)
            throws SQLException {
        String end = text(result, name.index());
        OptionalDouble number = value(result, value);
        if (end == null || number.isEmpty()) {
            return;
        }
        String metric = collector.family() + "_" + end.replaceAll("[^a-zA-Z0-9_:]", "_");
        if (!seen.add(metric + "{" + labels)) {
            duplicateRows++;
            return;
        }
        List<Place> helps = places.getOrDefault(Usage.HELP, List.of());
        String help = helps.isEmpty() ? null : text(result, helps.getFirst().index());
        MetricType type = value.column().usage().type().orElseThrow();
        add(metric, type, help == null ? value.column().description() : help, labels, number.getAsDouble());
    }

    private void add(String metric, MetricType type, String help, String labels, double value) {
        if (series >= collector.seriesMax()) {
            droppedSeries++;
            return;
        }
        series++;
        families.computeIfAbsent(metric, name -> new MetricFamily.Builder(name, type, help))
                .add(labels, value);
    }

    private static String labelText(ResultSet result, List<Place> labels) throws SQLException {
        LabelText text = new LabelText();
        for (Place place : labels) {
            String value = text(result, place.index());
            text.add(place.column().shownName(), value == null ? "" : value);
        }
        return text.toString();
    }

    private OptionalDouble value(ResultSet result, Place place) throws SQLException {
        Column column = place.column();
        String text = text(result, place.index());
        if (text == null) {
            return column.standard();
        }
        try {
            double value = switch (text) {
                case "t" -> 1;
                case "f" -> 0;
                default -> Double.parseDouble(text);
            };
            return OptionalDouble.of(value * column.scale());
        } catch (NumberFormatException noNumber) {
            throw new SQLException(
                    collector.title() + ": column " + column.name() + ": the value is not a number or boolean",
                    WRONG_COLUMNS,
                    noNumber);
        }
    }

    // The raw bytes: a database in SQL_ASCII sends whatever its clients stored, which the driver's strings would
    // refuse.
    private static @Nullable String text(ResultSet result, int index) throws SQLException {
        byte[] bytes = result.getBytes(index);
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}
