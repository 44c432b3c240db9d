package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.parse.LogTime;

/** Real files, real renames; records are lines of text, cut at 100 bytes. */
abstract class TailedFiles {
    static final int LIMIT = 100;

    @TempDir
    Path directory;

    final List<String> records = new ArrayList<>();
    final Set<FileTail> touched = new LinkedHashSet<>();
    final Map<Integer, FileState> stored = new LinkedHashMap<>();
    int room = Integer.MAX_VALUE;
    Path file;
    Tails tails;
    long now;
    final Formats formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix(LinePrefix.STANDARD));

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(directory.resolve("sidecars"));
        file = directory.resolve("sidecars/a.jsonl");
        restart();
    }

    /** A new process: nothing remains but what was stored. */
    final void restart() {
        tails = new Tails(
                new LogDirectories(directory.resolve("postgres"), directory.resolve("sidecars")),
                new RecordReader(formats::framer, LIMIT),
                List.copyOf(stored.values()));
        touched.clear();
    }

    RecordHandler.Taken take(FileTail tail, RawRecord raw, RecordHandler.Ending ending) {
        if (room == 0) {
            return RecordHandler.Taken.FULL;
        }
        room--;
        touched.add(tail);
        String text = new String(raw.bytes(), raw.from(), raw.to() - raw.from(), StandardCharsets.UTF_8);
        // A parser may use the slack.
        Arrays.fill(raw.bytes(), raw.to(), raw.to() + (raw.truncated() ? RawRecord.SLACK_BYTES : 0), (byte) '!');
        records.add(text
                + (raw.truncated() ? "…" + raw.length() : "")
                + (ending == RecordHandler.Ending.END_OF_DELETED_FILE ? "¶" : ""));
        return RecordHandler.Taken.TAKEN;
    }

    void readAll() throws IOException {
        tails.scan();
        while (tails.read(this::take, now) == Tails.Pass.MORE) {
            assertThat(records.size()).isLessThan(1_000_000);
        }
    }

    void store() {
        for (FileTail tail : touched) {
            Optional<Advance> advance = tail.seal();
            advance.ifPresent(step -> stored.put(step.state().number(), step.state()));
        }
        touched.clear();
    }

    void append(Path path, String text) throws IOException {
        Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    Path postgresFile(String name) throws IOException {
        return Files.createDirectories(directory.resolve("postgres")).resolve(name);
    }
}
