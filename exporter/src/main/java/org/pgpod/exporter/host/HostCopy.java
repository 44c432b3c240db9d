package org.pgpod.exporter.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.pgpod.core.pod.BootClock;
import org.pgpod.core.pod.KeyValueLine;

/**
 * The kernel's files as the supervisor copies them in Postgres's container, whose processes and control group other
 * containers of the pod do not see. Source of the format: docs/reference/supervisor.md.
 */
public final class HostCopy {
    /** A copy this old is no statement about the present. */
    public static final Duration AGE_MAX = Duration.ofSeconds(30);

    private static final int BYTES_MAX = 8_388_608;
    private static final String SECTION = "\n== ";
    private static final String END = SECTION + "end\n";

    private final Path file;
    private final BootClock clock;

    /** A reader of a file that may be absent. */
    public HostCopy(Path file, BootClock clock) {
        this.file = file;
        this.clock = clock;
    }

    /** The files as they were copied last; empty if there is no whole copy of this boot that is young enough. */
    Optional<HostFiles> current() {
        try {
            if (Files.size(file) > BYTES_MAX) {
                return Optional.empty();
            }
            // As the kernel's own files are read: what is no UTF-8 must not make the rest unreadable.
            return parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
        } catch (IOException absent) {
            return Optional.empty();
        }
    }

    private Optional<HostFiles> parse(String text) {
        int headEnd = text.indexOf('\n');
        if (headEnd < 0 || !text.endsWith(END)) {
            return Optional.empty();
        }
        return KeyValueLine.parse(text.substring(0, headEnd), "pgpod-host", "1")
                .filter(this::isCurrent)
                .map(_ -> new Copied(sections(text.substring(headEnd, text.length() - END.length() + 1))));
    }

    private boolean isCurrent(KeyValueLine head) {
        try {
            return head.text("boot").equals(clock.bootId())
                    && clock.nowMillis() - head.number("at") <= AGE_MAX.toMillis();
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static Map<String, String> sections(String text) {
        Map<String, String> sections = new HashMap<>();
        int start = text.indexOf(SECTION);
        while (start >= 0) {
            int next = text.indexOf(SECTION, start + 1);
            int nameEnd = text.indexOf('\n', start + 1);
            int end = next < 0 ? text.length() : next + 1;
            sections.put(text.substring(start + SECTION.length(), nameEnd), text.substring(nameEnd + 1, end));
            start = next;
        }
        return sections;
    }

    private record Copied(Map<String, String> sections) implements HostFiles {
        @Override
        public Optional<String> process(String path) {
            return Optional.ofNullable(sections.get("proc/" + path));
        }

        @Override
        public OptionalLong openDescriptors(long pid) {
            OptionalDouble number = KernelText.number(process(pid + "/fd"));
            return number.isPresent() && number.getAsDouble() > 0
                    ? OptionalLong.of((long) number.getAsDouble())
                    : OptionalLong.empty();
        }

        @Override
        public Optional<String> controlGroup(String path) {
            return Optional.ofNullable(sections.get("cgroup/" + path));
        }
    }
}
