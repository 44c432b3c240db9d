package org.pgpod.wireproxy.console;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What one event loop, or all of them, have at this moment: one line for each database, and each database and role. */
public record Report(
        List<DatabaseLine> databases, List<PoolLine> pools, List<SocketLine> clients, List<SocketLine> servers) {
    public Report {
        databases = merged(databases, DatabaseLine::database, DatabaseLine::plus);
        pools = merged(pools, line -> line.database() + "\0" + line.user(), PoolLine::plus);
        clients = List.copyOf(clients);
        servers = List.copyOf(servers);
    }

    private static <T> List<T> merged(List<T> lines, Function<T, String> key, BinaryOperator<T> plus) {
        return List.copyOf(lines.stream()
                .collect(Collectors.toMap(key, Function.identity(), plus, TreeMap::new))
                .values());
    }

    /** The reports of several event loops as one. */
    public static Report of(List<Report> parts) {
        return new Report(
                all(parts, Report::databases),
                all(parts, Report::pools),
                all(parts, Report::clients),
                all(parts, Report::servers));
    }

    private static <T> List<T> all(List<Report> parts, Function<Report, List<T>> lines) {
        List<T> all = new ArrayList<>();
        parts.forEach(part -> all.addAll(lines.apply(part)));
        return all;
    }
}
