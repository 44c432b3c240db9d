package org.pgpod.extensionloader.resolve;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which packages may hold an extension, likeliest first.
 *
 * <p>An index does not say which control files a package holds, so the names follow the habits of Debian and PGDG; the
 * unpacked package is checked for the control file afterwards. The rules for an extension {@code x} and major version N:
 *
 * <ol>
 *   <li>an override {@code x=package}, and then nothing else;
 *   <li>the known exceptions below, for extensions shipped under another name;
 *   <li>{@code postgresql-N-x} with {@code _} as {@code -}, then without a leading {@code pg-}, with {@code pg} put
 *       before it ({@code vector}, {@code pgvector}), and with all {@code -} removed ({@code pg_sphere}, {@code pgsphere}).
 * </ol>
 *
 * A name may also be a provided one: {@code postgresql-15-postgis} is provided by {@code postgresql-15-postgis-3}.
 */
public final class PackageNames {
    private static final String POSTGIS = "postgis";
    private static final Map<String, String> EXCEPTIONS = Map.ofEntries(
            Map.entry("postgis_raster", POSTGIS),
            Map.entry("postgis_sfcgal", POSTGIS),
            Map.entry("postgis_topology", POSTGIS),
            Map.entry("postgis_tiger_geocoder", POSTGIS),
            Map.entry("address_standardizer", POSTGIS),
            Map.entry("address_standardizer_data_us", POSTGIS),
            Map.entry("pointcloud_postgis", "pointcloud"),
            Map.entry("pldbgapi", "pldebugger"),
            Map.entry("pgq", "pgq3"),
            Map.entry("pllua", "pllua"),
            Map.entry("plluau", "pllua"),
            Map.entry("table_log", "tablelog"));

    private final int major;
    private final Map<String, String> overrides;

    /**
     * @param major the server's major version
     * @param overrides extension name to package name, in which {@code {major}} stands for the major version
     */
    public PackageNames(int major, Map<String, String> overrides) {
        this.major = major;
        this.overrides = Map.copyOf(overrides);
    }

    /** Candidate package names of {@code extension}. */
    public List<String> candidates(String extension) {
        String override = overrides.get(extension);
        if (override != null) {
            return List.of(override.replace("{major}", Integer.toString(major)));
        }
        String prefix = "postgresql-" + major + "-";
        Set<String> names = new LinkedHashSet<>();
        String exception = EXCEPTIONS.get(extension);
        if (exception != null) {
            names.add(prefix + exception);
        }
        String dashed = extension.replace('_', '-').toLowerCase(Locale.ROOT);
        names.add(prefix + dashed);
        if (dashed.startsWith("pg-")) {
            names.add(prefix + dashed.substring("pg-".length()));
        }
        names.add(prefix + "pg" + dashed);
        names.add(prefix + dashed.replace("-", ""));
        return List.copyOf(names);
    }
}
