package org.pgpod.extensionloader.source;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgpod.extensionloader.model.Sha256;
import org.pgpod.extensionloader.model.Stanza;

/**
 * What a verified release file says of its suite.
 *
 * @param names suite and codename, as far as it gives them
 * @param date when it was made; never goes back for one suite
 * @param validUntil after which it must not be believed, if it says so
 * @param byHash whether indices are also offered under their digest, safe from a change during the download
 * @param indices the package indices by path, relative to the release file
 */
record Release(
        Set<String> names, Instant date, Optional<Instant> validUntil, boolean byHash, Map<String, Entry> indices) {
    private static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);
    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, d MMM yyyy H:mm:ss z", Locale.ROOT);

    /** An index file's promised content. */
    record Entry(Sha256 sha256, long sizeBytes) {}

    Release {
        names = Set.copyOf(names);
        indices = Map.copyOf(indices);
    }

    /** Why this must not be believed as {@code suite} at {@code now}; empty if it may. */
    Optional<String> objection(RepositorySuite suite, Instant now) {
        boolean named = names.stream()
                .anyMatch(name -> suite.suite().equals(name) || suite.suite().startsWith(name + "/"));
        if (!suite.isFlat() && !names.isEmpty() && !named) {
            return Optional.of("it is the release file of " + String.join(", ", names));
        }
        if (date.isAfter(now.plus(CLOCK_TOLERANCE))) {
            return Optional.of("made in the future (" + date + ")");
        }
        if (suite.expiry() == RepositorySuite.Expiry.IGNORED) {
            return Optional.empty();
        }
        return validUntil.filter(now::isAfter).map(end -> "expired at " + end);
    }

    /** Reads the text of a release file, which must have been verified. */
    static Release parse(String verified) throws Untrusted {
        try {
            List<Stanza> stanzas = Stanza.parseAll(verified);
            if (stanzas.size() != 1) {
                throw new IllegalArgumentException("expected one paragraph, found " + stanzas.size());
            }
            Stanza stanza = stanzas.getFirst();
            return new Release(
                    Stream.of("Suite", "Codename")
                            .flatMap(field -> stanza.field(field).stream())
                            .collect(Collectors.toSet()),
                    instant(stanza.required("Date")),
                    stanza.field("Valid-Until").map(Release::instant),
                    stanza.field("Acquire-By-Hash").filter("yes"::equals).isPresent(),
                    indices(stanza));
        } catch (IllegalArgumentException | DateTimeParseException e) {
            throw new Untrusted("unreadable release file: " + e.getMessage(), e);
        }
    }

    private static Instant instant(String text) {
        return ZonedDateTime.parse(text.replace("UTC", "GMT"), DATE).toInstant();
    }

    private static Map<String, Entry> indices(Stanza stanza) {
        Map<String, Entry> entries = new HashMap<>();
        boolean hasAll = stanza.words("Architectures").contains("all")
                && !stanza.words("No-Support-for-Architecture-all").contains("Packages");
        for (String line : stanza.required("SHA256").lines().toList()) {
            List<String> words = List.of(line.strip().split("\\s+", -1));
            if (words.size() != 3) {
                continue;
            }
            String path = words.get(2);
            String file = path.substring(path.lastIndexOf('/') + 1);
            boolean installer = path.contains("debian-installer/");
            boolean skippedAll = !hasAll && path.contains("/binary-all/");
            if (file.startsWith("Packages") && !installer && !skippedAll) {
                entries.put(path, new Entry(new Sha256(words.getFirst()), Long.parseLong(words.get(1))));
            }
        }
        return entries;
    }
}
