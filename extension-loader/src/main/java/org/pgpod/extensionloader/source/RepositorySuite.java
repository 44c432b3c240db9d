package org.pgpod.extensionloader.source;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.pgpod.extensionloader.model.Sha256;

/**
 * One suite of one repository, as the machine's configuration names it.
 *
 * @param uri base address: http, https or file, ending with a slash
 * @param suite suite or codename below {@code dists/}; a flat repository's path ends with a slash
 * @param components components of the suite; none in a flat repository
 * @param trust whose signature counts
 * @param expiry whether {@code Valid-Until} is enforced
 */
record RepositorySuite(URI uri, String suite, List<String> components, Trust trust, Expiry expiry) {

    /** What a passed {@code Valid-Until} means. */
    enum Expiry {
        ENFORCED,
        /** The owner of the machine wrote {@code Check-Valid-Until: no} for this repository. */
        IGNORED
    }

    RepositorySuite {
        components = List.copyOf(components);
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("a repository address must not hold credentials");
        }
        if (List.of(suite.split("/", -1)).contains("..")) {
            throw new IllegalArgumentException("suite '" + suite + "' leaves the repository");
        }
    }

    boolean isFlat() {
        return suite.endsWith("/");
    }

    /** The address of {@code path} below the directory that holds InRelease. */
    URI inSuite(String path) {
        return uri.resolve(isFlat() ? suite + path : "dists/" + suite + "/" + path);
    }

    /** A directory name for what was read from here: equal for equal addresses, else different. */
    String cacheName() {
        return Sha256.of((uri + " " + suite).getBytes(StandardCharsets.UTF_8))
                .hex()
                .substring(0, 32);
    }

    @Override
    public String toString() {
        return uri + " " + suite;
    }
}
