package org.pgpod.exporter.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.exporter.model.Cadence;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Column;
import org.pgpod.exporter.model.Query;
import org.pgpod.exporter.model.Role;
import org.pgpod.exporter.model.Server;
import org.pgpod.exporter.model.Usage;

/** The collectors in use: those that come with pgpod, changed and added to by a directory of files of the same form. */
public final class Catalog {
    private static final String RESOURCES = "/org/pgpod/exporter/collectors/";
    private static final String END = ".yaml";

    // Replaced as a whole by adopt().
    private volatile List<Collector> collectors;

    private Catalog(List<Collector> collectors) {
        this.collectors = List.copyOf(collectors);
    }

    /** All collectors that come with pgpod, also those that are off by default. */
    public static Catalog builtIn() throws ConfigurationException {
        List<String> problems = new ArrayList<>();
        Collection<Collector> collectors = all(CollectorFiles.NONE, problems).values();
        return checked(List.copyOf(collectors), problems);
    }

    /**
     * Those chosen of the collectors that come with pgpod and of files, where a file of our own form and the same name takes
     * the place of pgpod's. Throws with every problem of every file.
     */
    public static Catalog read(CollectorFiles files, Choice choice) throws ConfigurationException {
        List<String> problems = new ArrayList<>();
        Map<String, Collector> byName = all(files, problems);
        Set<String> profiles = new TreeSet<>();
        byName.values().forEach(collector -> collector.scope().profile().ifPresent(profiles::add));
        problems.addAll(choice.problems(byName.keySet(), profiles));
        return checked(
                byName.values().stream()
                        .filter(choice::uses)
                        .map(choice::limited)
                        .toList(),
                problems);
    }

    private static Catalog checked(List<Collector> collectors, List<String> problems) throws ConfigurationException {
        refuseSameMetric(collectors, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new Catalog(collectors);
    }

    /** All collectors that there are, also those that are switched off; without files that are wrong. */
    public static List<Collector> known(CollectorFiles files) {
        return List.copyOf(all(files, new ArrayList<>()).values());
    }

    private static Map<String, Collector> all(CollectorFiles files, List<String> problems) {
        Map<String, Collector> byName = new TreeMap<>();
        for (String name : builtInNames()) {
            CollectorReader.read(name, "built-in " + name + END, resource(name + END), problems)
                    .ifPresent(collector -> byName.put(name, collector));
        }
        for (Path file : files.own(problems)) {
            String name = file.getFileName().toString().replaceFirst("\\.ya?ml$", "");
            CollectorFiles.content(file, problems)
                    .flatMap(bytes -> CollectorReader.read(name, file.toString(), bytes, problems))
                    .ifPresent(collector -> byName.put(name, collector));
        }
        for (Collector collector : files.foreign(problems)) {
            Collector other = byName.putIfAbsent(collector.name(), collector);
            if (other != null) {
                problems.add(collector.title() + ": is also in " + other.source());
            }
        }
        return byName;
    }

    public List<Collector> collectors() {
        return collectors;
    }

    /** Takes the collectors of another catalog in place of its own: who holds this one sees them from now on. */
    public void adopt(Catalog next) {
        collectors = next.collectors;
    }

    /** Whether a collector is one of these, exactly as it is. */
    public boolean uses(Collector collector) {
        return collectors.contains(collector);
    }

    /** Those of a cadence that have something to ask this server. */
    public List<Collector> applicable(Cadence cadence, Server server) {
        return collectors.stream()
                .filter(collector -> collector.cadence() == cadence)
                .filter(collector -> collector.sqlFor(server).isPresent())
                .toList();
    }

    /** The longest that any collector of a cadence may take. */
    public Duration timeoutMax(Cadence cadence) {
        return timeouts(cadence).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    }

    /** How long all collectors of a cadence may take one after the other. */
    public Duration timeoutSum(Cadence cadence) {
        return timeouts(cadence).reduce(Duration.ZERO, Duration::plus);
    }

    private Stream<Duration> timeouts(Cadence cadence) {
        return collectors.stream()
                .filter(collector -> collector.cadence() == cadence)
                .map(Collector::timeout);
    }

    // A jar cannot be listed reliably, so an index names its files.
    private static List<String> builtInNames() {
        return new String(resource("index"), StandardCharsets.UTF_8).lines().toList();
    }

    private static byte[] resource(String file) {
        try (InputStream stream = Catalog.class.getResourceAsStream(RESOURCES + file)) {
            if (stream == null) {
                throw new IllegalStateException("resource " + RESOURCES + file + " is missing");
            }
            return stream.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** One metric of two collectors would stand twice on the page, which Prometheus refuses. */
    private static void refuseSameMetric(List<Collector> collectors, List<String> problems) {
        Map<String, List<Collector>> owners = new TreeMap<>();
        for (Collector collector : collectors) {
            for (Column column : collector.columns()) {
                boolean named = collector.columns().stream().anyMatch(other -> other.usage() == Usage.NAME);
                if (column.usage().type().isPresent() && !named) {
                    owners.computeIfAbsent(collector.metricName(column), name -> new ArrayList<>())
                            .add(collector);
                }
            }
        }
        owners.forEach((metric, owning) -> {
            for (int i = 1; i < owning.size(); i++) {
                if (meet(owning.get(i - 1), owning.get(i))) {
                    problems.add(owning.get(i).title() + ": metric " + metric + " is also made by "
                            + owning.get(i - 1).source() + "; switch one off by exporter.disabledCollectors: '"
                            + owning.get(i).name() + "' or '"
                            + owning.get(i - 1).name() + "'");
                }
            }
        });
    }

    private static boolean meet(Collector one, Collector other) {
        Set<Role> shared = new HashSet<>(one.roles());
        shared.retainAll(other.roles());
        return !shared.isEmpty()
                && one.queries().stream()
                        .map(Query::versions)
                        .anyMatch(range -> other.queries().stream()
                                .anyMatch(query -> query.versions().overlaps(range)));
    }
}
