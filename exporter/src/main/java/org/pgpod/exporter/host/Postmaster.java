package org.pgpod.exporter.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the postmaster: by the supervisor's state, else by {@code postmaster.pid}. A number counts only if a process of
 * that name has it here, because both may have been written in another process namespace.
 */
final class Postmaster {
    private static final Pattern SUPERVISED = Pattern.compile(" pid=([1-9]\\d{0,9}) ");
    private static final Pattern FIRST_LINE = Pattern.compile("\\A([1-9]\\d{0,9})\n");
    private static final List<String> PROGRAMS = List.of("postgres", "postmaster");

    private final Path supervisorState;
    private final Path pidFile;

    /**
     * A way to find it.
     *
     * @param supervisorState the supervisor's file {@code state}
     * @param pidFile {@code postmaster.pid}, which others than Postgres's user can seldom read
     */
    Postmaster(Path supervisorState, Path pidFile) {
        this.supervisorState = supervisorState;
        this.pidFile = pidFile;
    }

    OptionalLong pid(HostFiles files) {
        OptionalLong supervised = number(supervisorState, SUPERVISED);
        return isPostgres(supervised, files) ? supervised : checked(number(pidFile, FIRST_LINE), files);
    }

    private static OptionalLong checked(OptionalLong pid, HostFiles files) {
        return isPostgres(pid, files) ? pid : OptionalLong.empty();
    }

    private static boolean isPostgres(OptionalLong pid, HostFiles files) {
        return pid.isPresent()
                && ProcessCounts.read(pid.getAsLong(), files)
                        .filter(counts -> PROGRAMS.contains(counts.program()))
                        .isPresent();
    }

    private static OptionalLong number(Path file, Pattern pattern) {
        return text(file)
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> OptionalLong.of(Long.parseLong(matcher.group(1))))
                .orElse(OptionalLong.empty());
    }

    private static Optional<String> text(Path file) {
        try {
            return Files.size(file) > HostFiles.FILE_BYTES_MAX
                    ? Optional.empty()
                    : Optional.of(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }
}
