package org.pgpod.image.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Remembers every process that was started, so that the next start can end what a crash left behind. A process is known by
 * its pid and its start time: another one that got the same pid since is left alone.
 */
public final class Leftovers {
    private static final long END_SECONDS_MAX = 20;

    private final Path file;

    public Leftovers(Path file) {
        this.file = file;
    }

    public void remember(ProcessHandle process) throws IOException {
        String line = process.pid() + " " + startOf(process).orElse(0L) + "\n";
        Files.writeString(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Ends what still runs, with all its descendants; returns how many processes that were. */
    public int end() throws IOException, InterruptedException {
        if (!Files.exists(file)) {
            return 0;
        }
        int ended = 0;
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split(" ", 2);
            Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(fields[0]))
                    .filter(handle -> startOf(handle).equals(Optional.of(Long.parseLong(fields[1]))));
            if (process.isPresent()) {
                ended += endTree(process.get());
            }
        }
        Files.delete(file);
        return ended;
    }

    private static int endTree(ProcessHandle process) throws InterruptedException {
        var family = java.util.stream.Stream.concat(java.util.stream.Stream.of(process), process.descendants())
                .toList();
        family.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle member : family) {
            try {
                member.onExit().get(END_SECONDS_MAX, TimeUnit.SECONDS);
            } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException stillThere) {
                throw new IllegalStateException("process " + member.pid() + " does not end", stillThere);
            }
        }
        return family.size();
    }

    private static Optional<Long> startOf(ProcessHandle process) {
        return process.info().startInstant().map(java.time.Instant::toEpochMilli);
    }
}
