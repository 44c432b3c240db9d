package org.pgpod.image.pod;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of an image from its reference alone: defaults that a template may leave out because the image has
 * them. Nothing is known of images outside the table; their templates must say it.
 *
 * @param uid the user that owns the data directory in this image
 * @param dataDirectory PGDATA if the template does not set it
 * @param programDirectory where postgres and initdb are
 */
record PostgresImage(OptionalLong uid, Optional<String> dataDirectory, Optional<String> programDirectory) {

    private static final PostgresImage UNKNOWN =
            new PostgresImage(OptionalLong.empty(), Optional.empty(), Optional.empty());

    private static final Pattern SERVER = Pattern.compile("(?:[a-z0-9]+[-_])*"
            + "(postgres|postgresql|postgis|timescaledb|pgvector|citus|spilo)"
            + "(?:[-_](?:server|repmgr|ha|tde|[0-9.]+))*");

    /** Images named after Postgres that are not the server. */
    private static final Pattern COMPANION =
            Pattern.compile(".*(exporter|backup|operator|client|admin|pool|proxy|bouncer|dump|restore|init).*");

    private static final Pattern MAJOR = Pattern.compile("(?:^|pg|latest-pg)(\\d{2})(?:[^0-9].*)?");

    /** From this version on the official image keeps its data in a directory named after the version. */
    private static final int VERSIONED_DATA_DIRECTORY_SINCE = 18;

    /** Whether the image's name is that of a Postgres server. */
    static boolean isServer(String reference) {
        String name = name(reference);
        return SERVER.matcher(name).matches() && !COMPANION.matcher(name).matches();
    }

    /** Whether it is built on Alpine, whose shell tools are not those that the supervisor needs. */
    static boolean isAlpine(String reference) {
        return tag(reference).contains("alpine") || repository(reference).endsWith("timescale/timescaledb");
    }

    static PostgresImage of(String reference) {
        if (!isServer(reference)) {
            return UNKNOWN;
        }
        String repository = repository(reference);
        String name = name(reference);
        String tag = tag(reference);
        if (repository.contains("bitnami")) {
            return known(1001, "/bitnami/postgresql/data", Optional.of("/opt/bitnami/postgresql/bin"));
        }
        if (name.startsWith("spilo")) {
            return new PostgresImage(OptionalLong.of(101), Optional.empty(), debian(name.replaceFirst("^spilo-?", "")));
        }
        if (repository.contains("cloudnative-pg/")) {
            return known(26, "/var/lib/postgresql/data/pgdata", debian(tag));
        }
        if (repository.contains("pgpod/")) {
            return known(999, Layout.DATA, debian(tag));
        }
        if (name.equals("timescaledb-ha")) {
            return known(1000, "/home/postgres/pgdata/data", debian(tag));
        }
        return official(reference);
    }

    /** The official image and those built on it, which share its user and layout. */
    private static PostgresImage official(String reference) {
        boolean alpine = isAlpine(reference);
        OptionalInt major = major(tag(reference));
        String data = major.isPresent() && major.getAsInt() >= VERSIONED_DATA_DIRECTORY_SINCE
                ? "/var/lib/postgresql/" + major.getAsInt() + "/docker"
                : "/var/lib/postgresql/data";
        return known(alpine ? 70 : 999, data, alpine ? Optional.of("/usr/local/bin") : debian(tag(reference)));
    }

    private static PostgresImage known(long uid, String dataDirectory, Optional<String> programDirectory) {
        return new PostgresImage(OptionalLong.of(uid), Optional.of(dataDirectory), programDirectory);
    }

    private static Optional<String> debian(String tag) {
        OptionalInt major = major(tag);
        return major.isPresent() ? Optional.of("/usr/lib/postgresql/" + major.getAsInt() + "/bin") : Optional.empty();
    }

    private static OptionalInt major(String tag) {
        Matcher matcher = MAJOR.matcher(tag);
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    private static String repository(String reference) {
        String withoutDigest = reference.split("@", 2)[0];
        int colon = withoutDigest.lastIndexOf(':');
        return colon > withoutDigest.lastIndexOf('/') ? withoutDigest.substring(0, colon) : withoutDigest;
    }

    private static String name(String reference) {
        String repository = repository(reference);
        return repository.substring(repository.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    }

    private static String tag(String reference) {
        String withoutDigest = reference.split("@", 2)[0];
        int colon = withoutDigest.lastIndexOf(':');
        return colon > withoutDigest.lastIndexOf('/')
                ? withoutDigest.substring(colon + 1).toLowerCase(Locale.ROOT)
                : "";
    }

    /** The known images, for messages. */
    static List<String> families() {
        return List.of(
                "postgres", "postgis", "timescaledb", "bitnami/postgresql", "spilo", "cloudnative-pg/postgresql");
    }
}
