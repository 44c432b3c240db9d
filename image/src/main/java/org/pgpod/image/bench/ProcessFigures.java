package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What Linux says a process has used. */
final class ProcessFigures {
    // USER_HZ, which the kernel fixes for user space.
    private static final double MILLIS_PER_TICK = 10;

    // Fields of /proc/<pid>/stat after the name, counted from 0: time of the process, then of its children that have
    // ended.
    private static final int OWN_TIMES = 11;
    private static final int ENDED_CHILDRENS_TIMES = 13;
    private static final int TIMES_END = 15;

    private static final double KIBIBYTES_PER_MEBIBYTE = 1_024;

    private ProcessFigures() {}

    /** Memory that the process shares with nobody. */
    static double privateMebibytes(ProcessHandle process) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("RssAnon:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / KIBIBYTES_PER_MEBIBYTE;
            }
        }
        throw new IOException("process " + process.pid() + " shows no RssAnon");
    }

    /** CPU time of the process, of its descendants, and of those of its children that have ended. */
    static double cpuMillis(ProcessHandle process) throws IOException {
        double millis = millis(process, OWN_TIMES) + millis(process, ENDED_CHILDRENS_TIMES);
        List<ProcessHandle> descendants;
        try (Stream<ProcessHandle> running = process.descendants()) {
            descendants = running.toList();
        }
        for (ProcessHandle descendant : descendants) {
            millis += millis(descendant, OWN_TIMES);
        }
        return millis;
    }

    private static double millis(ProcessHandle process, int from) throws IOException {
        String text;
        try {
            text = Files.readString(Path.of("/proc/" + process.pid() + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException ended) {
            return 0;
        }
        String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", TIMES_END + 1);
        return (Long.parseLong(fields[from]) + Long.parseLong(fields[from + 1])) * MILLIS_PER_TICK;
    }
}
