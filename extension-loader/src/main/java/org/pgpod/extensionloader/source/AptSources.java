package org.pgpod.extensionloader.source;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.pgpod.extensionloader.model.Stanza;

/** Finds the repositories a machine is configured for, in the formats of sources.list(5). */
final class AptSources {
    private static final long FILE_BYTES_MAX = 1 << 20;
    private static final Pattern LINE = Pattern.compile("deb\\s+(?:\\[([^\\]]*)\\]\\s+)?(\\S+)\\s+(\\S+)(.*)");

    private final String architecture;

    AptSources(String architecture) {
        this.architecture = architecture;
    }

    /** Reads {@code sources.list} and {@code sources.list.d} in apt's configuration directory. */
    List<RepositorySuite> readDirectory(Path aptDirectory) throws IOException {
        List<RepositorySuite> suites = new ArrayList<>();
        Path main = aptDirectory.resolve("sources.list");
        if (Files.isRegularFile(main)) {
            suites.addAll(readFile(main));
        }
        Path parts = aptDirectory.resolve("sources.list.d");
        if (Files.isDirectory(parts)) {
            List<Path> files;
            try (Stream<Path> listing = Files.list(parts)) {
                files = listing.sorted().toList();
            }
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(".list") || name.endsWith(".sources")) {
                    suites.addAll(readFile(file));
                }
            }
        }
        return List.copyOf(suites);
    }

    /** Reads one file, in the format its name tells: {@code .sources} is deb822, all else one line per repository. */
    List<RepositorySuite> readFile(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + " is larger than " + FILE_BYTES_MAX + " bytes");
        }
        String text = Files.readString(file);
        try {
            return file.getFileName().toString().endsWith(".sources") ? deb822(text) : oneLine(text);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** Reads text in either format: deb822 has fields, the other starts its lines with {@code deb}. */
    List<RepositorySuite> readText(String text) {
        boolean lines =
                text.lines().map(String::strip).anyMatch(line -> line.startsWith("deb ") || line.startsWith("deb\t"));
        return lines ? oneLine(text) : deb822(text);
    }

    List<RepositorySuite> deb822(String text) {
        List<RepositorySuite> suites = new ArrayList<>();
        for (Stanza stanza : Stanza.parseAll(text)) {
            boolean disabled = isNo(stanza.field("Enabled"));
            boolean ours = stanza.words("Architectures").isEmpty()
                    || stanza.words("Architectures").contains(architecture);
            if (disabled || !ours || !stanza.words("Types").contains("deb")) {
                continue;
            }
            Trust trust = stanza.field("Signed-By").map(AptSources::trust).orElse(new Trust.MachineKeys(List.of()));
            for (String uri : stanza.words("URIs")) {
                for (String suite : stanza.words("Suites")) {
                    add(
                            suites,
                            uri,
                            suite,
                            stanza.words("Components"),
                            trust,
                            expiry(stanza.field("Check-Valid-Until")));
                }
            }
        }
        return suites;
    }

    List<RepositorySuite> oneLine(String text) {
        List<RepositorySuite> suites = new ArrayList<>();
        for (String raw : text.lines().toList()) {
            String line = raw.replaceFirst("#.*", "").strip();
            if (line.isEmpty() || line.startsWith("deb-src")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not a repository: '" + line + "'");
            }
            Options options =
                    Options.parse(Optional.ofNullable(matcher.group(1)).orElse(""));
            if (!options.of("arch")
                    .map(list -> List.of(list.split(",", -1)).contains(architecture))
                    .orElse(true)) {
                continue;
            }
            List<String> components = Stream.of(matcher.group(4).strip().split("\\s+", -1))
                    .filter(word -> !word.isEmpty())
                    .toList();
            Trust trust = options.of("signed-by").map(AptSources::trust).orElse(new Trust.MachineKeys(List.of()));
            add(suites, matcher.group(2), matcher.group(3), components, trust, expiry(options.of("check-valid-until")));
        }
        return suites;
    }

    private void add(
            List<RepositorySuite> suites,
            String address,
            String suite,
            List<String> components,
            Trust trust,
            RepositorySuite.Expiry expiry) {
        URI uri = URI.create(address.endsWith("/") ? address : address + "/");
        String name = suite.replace("$(ARCH)", architecture);
        suites.add(new RepositorySuite(uri, name, components, trust, expiry));
    }

    private static RepositorySuite.Expiry expiry(Optional<String> check) {
        return isNo(check) ? RepositorySuite.Expiry.IGNORED : RepositorySuite.Expiry.ENFORCED;
    }

    private static boolean isNo(Optional<String> value) {
        return value.filter(v -> v.equalsIgnoreCase("no") || v.equalsIgnoreCase("false"))
                .isPresent();
    }

    private static Trust trust(String signedBy) {
        if (signedBy.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----")) {
            // Within deb822 an empty line of the armor is written as a single dot.
            return new Trust.Embedded(signedBy.lines()
                    .map(line -> line.strip().equals(".") ? "" : line.strip())
                    .collect(Collectors.joining("\n")));
        }
        List<String> words = List.of(signedBy.strip().split("[\\s,]+", -1));
        return words.stream().allMatch(word -> word.startsWith("/"))
                ? new Trust.KeyFiles(words.stream().map(Path::of).toList())
                : new Trust.MachineKeys(words);
    }

    /** The bracketed options of a one-line entry. */
    private record Options(List<String> words) {
        static Options parse(String text) {
            return new Options(List.of(text.strip().split("\\s+", -1)));
        }

        Optional<String> of(String name) {
            return words.stream()
                    .filter(word -> word.startsWith(name + "="))
                    .map(word -> word.substring(name.length() + 1))
                    .findFirst();
        }
    }
}
