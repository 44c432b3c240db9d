package org.pgpod.extensionloader.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of the repositories this machine is configured for, as apt holds it: the signed release files and indices that
 * apt fetched last, and packages fetched by apt now. Served on loopback, byte for byte what the archive signed.
 */
public final class MachineMirror implements AutoCloseable {
    private static final String TARGETS = "$(FILENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(METAKEY)";
    private static final Pattern FETCHED = Pattern.compile("'[^']*/(pool/[^']+)' (\\S+) .*");

    private final LoopbackFiles server;
    private final String sources;

    private MachineMirror(LoopbackFiles server, String sources) {
        this.server = server;
        this.sources = sources;
    }

    /** Mirrors the indices and these packages below {@code root}; empty if apt has no lists or cannot fetch. */
    public static Optional<MachineMirror> of(Path root, List<String> packages) throws IOException {
        Optional<String> targets = output(root, "apt-get", "indextargets", "--format", TARGETS, "Created-By: Packages");
        if (targets.isEmpty() || targets.get().isBlank()) {
            return Optional.empty();
        }
        Map<String, Path> repositories = new LinkedHashMap<>();
        List<String> suites = new ArrayList<>();
        for (String line : targets.get().lines().toList()) {
            String[] target = line.split("\\|", -1);
            Path list = Path.of(target[0]);
            Path release = list.resolveSibling(
                    list.getFileName().toString().replaceFirst("_dists_([^_]+)_.*", "_dists_$1_InRelease"));
            if (!Files.isRegularFile(list) || !Files.isRegularFile(release)) {
                return Optional.empty();
            }
            Path repository = repositories.computeIfAbsent(target[1], uri -> root.resolve("r" + repositories.size()));
            Path dist = Files.createDirectories(repository.resolve("dists").resolve(target[2]));
            Files.copy(release, dist.resolve("InRelease"), StandardCopyOption.REPLACE_EXISTING);
            Path index = dist.resolve(target[4]);
            Files.createDirectories(index.getParent());
            decompress(list, index);
            suites.add(repository.getFileName() + " " + target[2] + " " + target[3]);
        }
        for (Path repository : repositories.values()) {
            Files.createDirectories(repository.resolve("pool"));
        }
        if (!fetch(root, repositories.values(), packages)) {
            return Optional.empty();
        }
        LoopbackFiles server = LoopbackFiles.serve(root);
        StringBuilder sources = new StringBuilder();
        suites.forEach(suite ->
                sources.append("deb ").append(server.address()).append(suite).append('\n'));
        return Optional.of(new MachineMirror(server, sources.toString()));
    }

    private static void decompress(Path list, Path index) throws IOException {
        Process process = new ProcessBuilder("/usr/lib/apt/apt-helper", "cat-file", list.toString())
                .redirectOutput(index.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (wait(process) != 0) {
            throw new IOException("apt cannot read its own list " + list);
        }
    }

    /** Every repository gets every package: a name below pool is the same wherever the archive keeps it. */
    private static boolean fetch(Path root, Iterable<Path> repositories, List<String> packages) throws IOException {
        List<String> command = new ArrayList<>(List.of("apt-get", "download", "--print-uris"));
        command.addAll(packages);
        Optional<String> places = output(root, command.toArray(String[]::new));
        command.remove("--print-uris");
        if (places.isEmpty() || output(root, command.toArray(String[]::new)).isEmpty()) {
            return false;
        }
        for (String line : places.get().lines().toList()) {
            Matcher matcher = FETCHED.matcher(line);
            if (matcher.matches()) {
                for (Path repository : repositories) {
                    Path target = repository.resolve(
                            matcher.group(1).replace("%2b", "+").replace("%7e", "~"));
                    Files.createDirectories(target.getParent());
                    Files.copy(root.resolve(matcher.group(2)), target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return true;
    }

    private static Optional<String> output(Path directory, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return wait(process) == 0 ? Optional.of(output) : Optional.empty();
    }

    private static int wait(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** One-line sources that name the mirror; the keys are those apt trusts on this machine. */
    public String sources() {
        return sources;
    }

    public List<String> requests() {
        return server.requests();
    }

    @Override
    public void close() {
        server.close();
    }
}
