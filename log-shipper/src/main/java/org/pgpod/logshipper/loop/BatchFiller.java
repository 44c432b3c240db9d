package org.pgpod.logshipper.loop;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.know.EventLimits;
import org.pgpod.logshipper.know.RecordScreen;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.EventCounts.Omission;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.RoleHistory;
import org.pgpod.logshipper.model.ServerRole;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.model.Verdict;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.PrefixFit;
import org.pgpod.logshipper.parse.RowEncoder;
import org.pgpod.logshipper.tail.FileTail;
import org.pgpod.logshipper.tail.RecordHandler;
import org.pgpod.logshipper.tail.StructuredRecords;

/**
 * Puts records into a batch: parsed, redacted, encoded; what cannot be parsed goes in as a dead letter. Each record of a file
 * leads to at most one row.
 */
final class BatchFiller implements RecordHandler {
    private static final long MICROS = 1_000_000;
    private static final long NANOS_PER_MICRO = 1_000;

    private final Formats formats;
    private final Map<LogStream, StructuredRecords> copies;
    private final RecordFields fields = new RecordFields();
    private final RowEncoder encoder;
    private final RecordScreen screen;
    private final EventLimits limits;
    private final boolean keepsUnparsed;
    private final RoleHistory roles;
    private final Clock clock;
    private final Set<FileTail> touched = new LinkedHashSet<>();
    private Optional<PostgresEvent> event = Optional.empty();
    private @Nullable FileTail lastTouched;
    private @Nullable Batch batch;
    private long takenBytes;

    /**
     * @param copies for a kind of file whose records may stand in another also, where to look for them
     * @param roles what the server was when
     */
    BatchFiller(
            Source source,
            Formats formats,
            Map<LogStream, StructuredRecords> copies,
            KnowledgeSettings knowledge,
            RoleHistory roles,
            Clock clock) {
        this.copies = Map.copyOf(copies);
        this.formats = formats;
        this.encoder = new RowEncoder(source);
        this.screen = new RecordScreen(knowledge.redaction());
        this.limits = new EventLimits(knowledge.limits());
        this.keepsUnparsed = knowledge.redaction().keepsUnparsed();
        this.roles = roles;
        this.clock = clock;
    }

    /** Whether standard error begins with the configured prefix. */
    PrefixFit prefixFit() {
        return formats.prefixFit();
    }

    /** Fills this batch from now on. */
    void fill(Batch next) {
        batch = next;
    }

    boolean isFilling() {
        return batch != null;
    }

    /** Whether anything was taken since the last batch was sealed. */
    boolean hasTaken() {
        return !touched.isEmpty();
    }

    /** Bytes of files that are in the batch being filled. */
    long takenBytes() {
        return takenBytes;
    }

    /** Closes the batch being filled, with the steps of all files that it took from. */
    Batch seal(long generation) {
        Batch sealed = filling();
        List<Advance> advances =
                touched.stream().map(FileTail::seal).flatMap(Optional::stream).toList();
        sealed.seal(generation, advances);
        batch = null;
        forget();
        return sealed;
    }

    /** Throws away what was taken: reading begins again elsewhere. */
    void reset() {
        if (batch != null) {
            batch.clear();
        }
        copies.values().forEach(StructuredRecords::reset);
        forget();
    }

    private void forget() {
        touched.clear();
        lastTouched = null;
        takenBytes = 0;
    }

    @Override
    public Taken take(FileTail file, RawRecord raw, Ending ending) {
        if (ending == Ending.LINE_END && repeats(file, raw)) {
            note(file, raw);
            return Taken.TAKEN;
        }
        Verdict verdict = switch (ending) {
            case LINE_END -> formats.parser(file.stream()).parse(raw, fields);
            case TORN -> Verdict.TORN;
            case END_OF_DELETED_FILE -> Verdict.UNTERMINATED;
        };
        if (verdict == Verdict.PARSED) {
            if (fields.table() == Table.POSTGRES_STDERR) {
                identifyLine(file, raw);
            }
            event = screen.screen(fields);
            setRole();
        } else if (verdict != Verdict.BLANK) {
            deadLetter(file, raw, verdict);
        }
        if (verdict != Verdict.BLANK && !add(file, raw, verdict)) {
            return Taken.FULL;
        }
        StructuredRecords structured = copies.get(file.stream());
        if (structured != null) {
            structured.taken(file, raw);
        }
        note(file, raw);
        return Taken.TAKEN;
    }

    /** Whether the record stands in a file of another format, which is read instead. */
    private boolean repeats(FileTail file, RawRecord raw) {
        StructuredRecords structured = copies.get(file.stream());
        return structured != null && structured.repeat(file, raw);
    }

    @SuppressWarnings("ReferenceEquality") // The same file again, as nearly always, needs no look into the set.
    private void note(FileTail file, RawRecord raw) {
        takenBytes += raw.length() + 1;
        if (file != lastTouched) {
            lastTouched = file;
            touched.add(file);
        }
    }

    private boolean add(FileTail file, RawRecord raw, Verdict verdict) {
        Batch filling = filling();
        if (!filling.fits(encoder.size(fields))) {
            return false;
        }
        if (verdict == Verdict.PARSED && omitted(filling)) {
            return true;
        }
        encoder.write(fields, filling.rows(fields.table()));
        if (verdict != Verdict.PARSED) {
            filling.countDeadLetters(verdict, 1);
            return true;
        }
        filling.addDay(fields.time(fields.table().column("log_time")));
        filling.countRecord(file.stream(), raw.length() + 1);
        if (raw.truncated()) {
            filling.countTruncated();
        }
        return true;
    }

    /** Counts a record of Postgres by its event; true if no more is to be done with it. */
    private boolean omitted(Batch filling) {
        if (fields.table() != Table.POSTGRES_LOG) {
            return false;
        }
        filling.events().count(event, fields);
        Optional<Omission> omission = event.flatMap(known -> limits.omit(known, fields));
        omission.ifPresent(reason -> filling.events().countOmission(event.orElseThrow(), reason));
        return omission.isPresent();
    }

    private void setRole() {
        Table table = fields.table();
        ServerRole role = roles.at(fields.time(table.column("log_time")));
        if (role != null) {
            fields.setText(table.column(Table.ROLE), role.name());
            if (role.timeline() > 0) {
                fields.setBigint(table.column(Table.TIMELINE), role.timeline());
            }
        }
    }

    private void identifyLine(FileTail file, RawRecord raw) {
        Table table = Table.POSTGRES_STDERR;
        fields.setTime(table.column("log_time"), nowMicros());
        fields.setInteger(table.column("file_number"), file.number());
        fields.setText(table.column("file_name"), file.name());
        fields.setBigint(table.column("position"), raw.position());
    }

    private void deadLetter(FileTail file, RawRecord raw, Verdict verdict) {
        Table table = Table.DEAD_LETTER;
        fields.reset(table);
        fields.setTime(table.column("log_time"), nowMicros());
        fields.setText(table.column("stream"), file.stream().label());
        fields.setInteger(table.column("file_number"), file.number());
        fields.setText(table.column("file_name"), file.name());
        fields.setBigint(table.column("position"), raw.position());
        fields.setBigint(table.column("length"), raw.length());
        fields.setText(table.column("reason"), verdict.label());
        if (keepsUnparsed) {
            fields.setBytes(table.column("raw"), raw.bytes(), raw.from(), raw.to() - raw.from());
        }
        fields.setText(table.column("raw_sha256"), Fingerprint.digest(raw.bytes(), raw.from(), raw.to()));
    }

    private long nowMicros() {
        return micros(clock.instant());
    }

    /** Microseconds since 1970. */
    static long micros(Instant now) {
        return now.getEpochSecond() * MICROS + now.getNano() / NANOS_PER_MICRO;
    }

    private Batch filling() {
        Batch filling = batch;
        if (filling == null) {
            throw new IllegalStateException("there is no batch to fill");
        }
        return filling;
    }
}
