package org.pgpod.extensionloader.install;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a file of a package appears in the relocated tree.
 *
 * @param path relative to the tree
 * @param rank whether another file may take the place
 */
record TreePlace(String path, Rank rank) {

    /** How firmly a file holds its place. */
    enum Rank {
        /** Two packages with this place contradict each other. */
        EXCLUSIVE,
        /** One of several implementations, which Debian chooses among by {@code update-alternatives}: the first wins. */
        ALTERNATIVE
    }

    private static final Pattern LIBRARY =
            Pattern.compile("(?:usr/)?lib/(?:[^/]+-linux-[^/]+/)?(?:([^/]+)/)?(lib[^/]*\\.so(\\.[0-9][^/]*)?)");
    private static final Pattern SHARED = Pattern.compile("usr/share/([^/]+)/.+");
    private static final Set<String> NOT_SHARED = Set.of(
            "applications",
            "bash-completion",
            "bug",
            "common-licenses",
            "doc",
            "doc-base",
            "icons",
            "info",
            "lintian",
            "locale",
            "man",
            "menu",
            "perl5",
            "pixmaps",
            "pkgconfig",
            "postgresql",
            "python3");

    /** The place of {@code path}, a file of a package, for the server's major version; empty if it is not needed. */
    static Optional<TreePlace> of(String path, int major) {
        String libraries = "usr/lib/postgresql/" + major + "/";
        if (path.startsWith(libraries)) {
            String rest = path.substring(libraries.length());
            boolean used = rest.startsWith("bin/")
                    || (rest.startsWith("lib/") && !rest.startsWith("lib/bitcode/") && !rest.startsWith("lib/pgxs/"));
            return used ? exclusive("lib/postgresql/" + major + "/" + rest) : Optional.empty();
        }
        String shared = "usr/share/postgresql/" + major + "/";
        if (path.startsWith(shared)) {
            String rest = path.substring(shared.length());
            return rest.startsWith("man/") ? Optional.empty() : exclusive("share/postgresql/" + major + "/" + rest);
        }
        return dependency(path);
    }

    private static Optional<TreePlace> dependency(String path) {
        Matcher library = LIBRARY.matcher(path);
        if (library.matches() && !path.startsWith("usr/lib/postgresql/")) {
            if (library.group(1) == null) {
                return exclusive("lib/" + library.group(2));
            }
            // A versioned library one directory below is an alternative (blas, lapack); an unversioned one is a plugin.
            return library.group(3) == null
                    ? Optional.empty()
                    : Optional.of(new TreePlace("lib/" + library.group(2), Rank.ALTERNATIVE));
        }
        Matcher shared = SHARED.matcher(path);
        return shared.matches() && !NOT_SHARED.contains(shared.group(1))
                ? exclusive(path.substring("usr/".length()))
                : Optional.empty();
    }

    private static Optional<TreePlace> exclusive(String path) {
        return Optional.of(new TreePlace(path, Rank.EXCLUSIVE));
    }
}
