package org.pgpod.exporter.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One YAML file: how some metrics are collected.
 *
 * @param name the file's name without its end, unique; the value of the label {@code family} of the exporter's own metrics
 * @param source the file, for error messages
 * @param family the beginning of its metrics' names, such as {@code pg_stat_database}
 * @param ttl how old a result may be before a scrape runs the query again
 * @param timeout the server's {@code statement_timeout} for the query
 * @param roles the kinds of server that have it
 * @param seriesMax more series are dropped and counted
 * @param each a query for the values that {@code $1} of the main query takes one after the other
 * @param queries one for each range of major versions; ranges do not overlap
 * @param columns what the result's columns are for
 * @param scope where it runs, and whether it does
 */
public record Collector(
        String name,
        String source,
        String family,
        String description,
        Cadence cadence,
        Duration ttl,
        Duration timeout,
        Set<Role> roles,
        int seriesMax,
        Optional<String> each,
        List<Query> queries,
        List<Column> columns,
        Scope scope) {
    /** No collector may show more series. */
    public static final int SERIES_MAX_MOST = 1_000_000;

    public Collector {
        roles = Set.copyOf(roles);
        queries = List.copyOf(queries);
        columns = List.copyOf(columns);
    }

    /** The same with another limit of series. */
    public Collector withSeriesMax(int most) {
        return new Collector(
                name, source, family, description, cadence, ttl, timeout, roles, most, each, queries, columns, scope);
    }

    /** The query for this server; empty when the collector has nothing to ask it. */
    public Optional<String> sqlFor(Server server) {
        if (!roles.contains(server.role())) {
            return Optional.empty();
        }
        return queries.stream()
                .filter(query -> query.versions().contains(server.major()))
                .map(Query::sql)
                .findFirst();
    }

    /** The columns that the result of this server must have. */
    public List<Column> columnsFor(int major) {
        return columns.stream()
                .filter(column -> column.versions().contains(major))
                .toList();
    }

    public List<String> labels() {
        return columns.stream()
                .filter(column -> column.usage() == Usage.LABEL)
                .map(Column::shownName)
                .toList();
    }

    /** The full name of the metric that a column makes. */
    public String metricName(Column column) {
        return family + "_" + column.shownName();
    }

    /** The name of this collector and its file, as error messages begin. */
    public String title() {
        return source + ": family " + family;
    }
}
