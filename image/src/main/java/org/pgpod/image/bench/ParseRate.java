package org.pgpod.image.bench;

import java.io.IOException;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.pgpod.logshipper.know.RecordScreen;
import org.pgpod.logshipper.know.RedactionPolicy;
import org.pgpod.logshipper.model.Batch;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Source;
import org.pgpod.logshipper.model.Verdict;
import org.pgpod.logshipper.parse.Formats;
import org.pgpod.logshipper.parse.Frame;
import org.pgpod.logshipper.parse.Framer;
import org.pgpod.logshipper.parse.LinePrefix;
import org.pgpod.logshipper.parse.LogTime;
import org.pgpod.logshipper.parse.RecordParser;
import org.pgpod.logshipper.parse.RowEncoder;

/** How fast one thread turns a log into redacted rows: without files, without a store, in this process. */
final class ParseRate {
    private static final Source SOURCE = new Source(
            "bench",
            "default",
            "bench-0",
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            "00000000-0000-0000-0000-000000000000");
    private static final int WARMING_TIMES = 3;
    private static final int TIMES = 5;
    private static final int BATCH_BYTES = 4 * 1_024 * 1_024;

    private final byte[] log;
    private final int length;

    /** @param log records of jsonlog */
    ParseRate(byte[] log) {
        this.log = Arrays.copyOf(log, log.length + RawRecord.SLACK_BYTES);
        this.length = log.length;
    }

    /** Reads everything a few times unmeasured, and then again. */
    double megabytesPerSecond() throws IOException {
        read(WARMING_TIMES);
        long began = System.nanoTime();
        read(TIMES);
        return 1e3 * TIMES * length / (System.nanoTime() - began);
    }

    private void read(int times) throws IOException {
        for (int time = 0; time < times; time++) {
            read();
        }
    }

    private void read() throws IOException {
        Formats formats = new Formats(new LogTime(ZoneOffset.UTC), new LinePrefix(LinePrefix.STANDARD));
        Framer framer = formats.framer(LogStream.POSTGRES);
        RecordParser parser = formats.parser(LogStream.POSTGRES);
        RecordScreen screen = new RecordScreen(RedactionPolicy.ALL);
        RowEncoder encoder = new RowEncoder(SOURCE);
        Batch batch = new Batch(BATCH_BYTES);
        RecordFields fields = new RecordFields();
        RawRecord raw = new RawRecord();
        Frame frame = new Frame();
        int from = 0;
        frame.begin();
        while (framer.find(frame, log, from, from, length, Framer.Rest.MAY_FOLLOW)) {
            Verdict verdict = parser.parse(raw.show(log, from, frame.end(), from, frame.end() - from), fields);
            if (verdict != Verdict.PARSED) {
                throw new IOException("a record of the bench is " + verdict.label());
            }
            screen.screen(fields);
            if (!batch.fits(encoder.size(fields))) {
                batch.clear();
            }
            encoder.write(fields, batch.rows(fields.table()));
            from = frame.next();
            frame.begin();
        }
    }
}
