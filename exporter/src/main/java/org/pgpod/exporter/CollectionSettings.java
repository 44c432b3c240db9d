package org.pgpod.exporter;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.exporter.catalog.Choice;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.DatabaseChoice;
import org.pgpod.exporter.model.NamePatterns;

/** The options of the section {@code exporter} about what is collected, and in which databases. */
record CollectionSettings(
        List<String> enabledCollectors,
        List<String> compatibility,
        Map<String, Integer> maxSeries,
        DatabaseChoice databases) {
    private static final int SESSIONS_KEPT_MAX = 100;

    private static final Option<List<String>> ENABLED_COLLECTORS = Options.list(
            "enabledCollectors",
            "Names of collectors that are used although they are off by default; the reference of metrics names them.");
    private static final Option<List<String>> COMPATIBILITY = Options.list(
                    "compatibility",
                    "Sets of other names under which metrics are shown too: postgres_exporter (names of its older"
                            + " versions, which dashboards still use), cnpg (names of CloudNativePG's default queries).")
            .withDefault("postgres_exporter");
    private static final Option<List<String>> DATABASES = Options.list(
                    "databases",
                    "Patterns for the databases whose tables, indexes and the like are read; * stands for any text, ?"
                            + " for one character. At most " + DatabaseChoice.DATABASES_MAX + " databases are read.")
            .withDefault("*");
    private static final Option<List<String>> EXCLUDED_DATABASES = Options.list(
            "excludedDatabases", "Patterns for databases that are left out although databases includes them.");
    private static final Option<Integer> DATABASE_CONNECTIONS = Options.number(
                    "databaseConnections",
                    0,
                    SESSIONS_KEPT_MAX,
                    "Connections to databases that stay open between collections, those used last. With 0 each is"
                            + " closed when its database was read. One that is open keeps DROP DATABASE without FORCE"
                            + " from its work.")
            .withDefault("4");

    private static final Option<Map<String, Integer>> MAX_SERIES = Options.of(
                    "maxSeries",
                    "a list of entries collector=number, such as stat_user_tables=250000, up to "
                            + Collector.SERIES_MAX_MOST,
                    "Other limits of series than those of the collectors. A page takes about 100 bytes of memory for each"
                            + " series.",
                    CollectionSettings::maxSeries)
            .withDefault("");

    static final List<Option<?>> OPTIONS =
            List.of(ENABLED_COLLECTORS, COMPATIBILITY, MAX_SERIES, DATABASES, EXCLUDED_DATABASES, DATABASE_CONNECTIONS);

    CollectionSettings {
        enabledCollectors = List.copyOf(enabledCollectors);
        compatibility = List.copyOf(compatibility);
        maxSeries = Map.copyOf(maxSeries);
    }

    Choice choice(List<String> disabledCollectors) {
        return new Choice(enabledCollectors, disabledCollectors, compatibility, maxSeries);
    }

    private static Map<String, Integer> maxSeries(String text) {
        Map<String, Integer> limits = new HashMap<>();
        for (String entry : text.split("[,\n]", -1)) {
            if (!entry.isBlank()) {
                String[] words = entry.strip().split("=", -1);
                int limit = words.length == 2 ? Integer.parseInt(words[1]) : 0;
                if (limit < 1 || limit > Collector.SERIES_MAX_MOST || limits.put(words[0], limit) != null) {
                    throw new IllegalArgumentException("not an entry, out of bounds, or a name twice");
                }
            }
        }
        return limits;
    }

    static CollectionSettings from(Values values) {
        return new CollectionSettings(
                values.get(ENABLED_COLLECTORS),
                values.get(COMPATIBILITY),
                values.get(MAX_SERIES),
                new DatabaseChoice(
                        new NamePatterns(values.get(DATABASES)),
                        new NamePatterns(values.get(EXCLUDED_DATABASES)),
                        values.get(DATABASE_CONNECTIONS)));
    }
}
