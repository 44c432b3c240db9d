package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.util.Arrays;
import java.util.function.Function;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.parse.Frame;
import org.pgpod.logshipper.parse.Framer;
import org.pgpod.logshipper.parse.Framer.Rest;
import org.pgpod.logshipper.tail.RecordHandler.Ending;
import org.pgpod.logshipper.tail.RecordHandler.Taken;

/**
 * Reads records from files, each exactly once and in order, however the file grows. Keeps nothing of a file between two
 * readings: the beginning of a record whose end is not written yet is read again later. One buffer serves all files.
 *
 * <p>A record longer than the limit is passed on cut to the limit, once its end is there.
 */
public final class RecordReader {
    private static final int CHUNK_BYTES = 262_144;

    private final Function<LogStream, Framer> framers;
    private final int recordBytesMax;
    private final int bufferBytesMax;
    private final RawRecord raw = new RawRecord();
    private final Frame frame = new Frame();
    private byte[] buffer;

    /** @param framers how records of each kind of file are found; the same one is given for a kind each time */
    public RecordReader(Function<LogStream, Framer> framers, int recordBytesMax) {
        this.framers = framers;
        this.recordBytesMax = recordBytesMax;
        // What a framer looks at again must leave room for as much that is new.
        this.bufferBytesMax = Fingerprint.BYTES_MAX
                + Math.max(recordBytesMax + 1, 2 * Framer.LOOK_BACK_BYTES)
                + RawRecord.SLACK_BYTES;
        this.buffer = new byte[Math.min(CHUNK_BYTES, bufferBytesMax)];
    }

    /** How a reading ended. */
    enum Result {
        /** Everything that is complete was taken. */
        EXHAUSTED,
        /** There may be more. */
        MORE,
        /** The handler has no room. */
        FULL,
        /** It is not the file any more that it was: truncated, or written anew. */
        REWRITTEN
    }

    /**
     * Reads one chunk from an open file.
     *
     * @param rest whether more may still be written to the last record there is
     */
    Result read(FileTail file, Rest rest, RecordHandler handler) throws IOException {
        long size = file.size();
        if (size < file.position()) {
            return Result.REWRITTEN;
        }
        if (file.lookedTo() > file.position()) {
            return lookOn(file, size, rest, handler);
        }
        int guard = file.guard().length;
        int filled = fill(file, size);
        if (filled < guard) {
            return Result.REWRITTEN;
        }
        boolean atEnd = file.position() - guard + filled >= size;
        Framer framer = framers.apply(file.stream());
        Rest restHere = atEnd ? rest : Rest.MAY_FOLLOW;
        int from = guard;
        Taken taken = Taken.TAKEN;
        frame.begin();
        while (framer.find(frame, buffer, from, from, filled, restHere)) {
            taken = pass(file, from, file.position() + from - guard, handler);
            if (taken == Taken.FULL) {
                break;
            }
            from = frame.next();
            frame.begin();
        }
        boolean nothing = from == guard;
        if (!nothing) {
            file.advance(buffer, from);
        }
        if (taken == Taken.FULL) {
            return Result.FULL;
        }
        if (nothing && filled - guard > recordBytesMax) {
            file.lookedTo(file.position() + frame.lookedTo() - guard, frame.state());
            return Result.MORE;
        }
        if (atEnd) {
            file.exhaustedAt(size, rest);
            return Result.EXHAUSTED;
        }
        if (nothing) {
            buffer = new byte[Math.min(bufferBytesMax, buffer.length * 2)];
        }
        return Result.MORE;
    }

    /** Passes on what stands after the last line end of a deleted file. */
    Result readRest(FileTail file, RecordHandler handler) throws IOException {
        long size = file.size();
        int guard = file.guard().length;
        int filled = fill(file, size);
        if (filled <= guard) {
            return Result.EXHAUSTED;
        }
        int to = Math.min(filled, guard + recordBytesMax);
        raw.show(buffer, guard, to, file.position(), size - file.position());
        if (handler.take(file, raw, Ending.END_OF_DELETED_FILE) == Taken.FULL) {
            return Result.FULL;
        }
        file.advanceFar(size);
        return Result.EXHAUSTED;
    }

    /** Reads guard and chunk; returns less than the guard's length when the guard does not stand there any more. */
    private int fill(FileTail file, long size) throws IOException {
        byte[] guard = file.guard();
        long start = file.position() - guard.length;
        int wanted = (int) Math.min(buffer.length - RawRecord.SLACK_BYTES, size - start);
        int filled = file.read(start, buffer, wanted);
        boolean same = filled >= guard.length && Arrays.equals(buffer, 0, guard.length, guard, 0, guard.length);
        return same ? filled : -1;
    }

    private Ending ending() {
        return frame.torn() ? Ending.TORN : Ending.LINE_END;
    }

    private Taken pass(FileTail file, int from, long position, RecordHandler handler) {
        int length = frame.end() - from;
        int to = from + Math.min(length, recordBytesMax);
        if (length <= recordBytesMax) {
            return handler.take(file, raw.show(buffer, from, to, position, length), ending());
        }
        // The parser may overwrite what follows the cut, and the guard needs it as it was.
        byte[] kept = Arrays.copyOfRange(buffer, to, to + RawRecord.SLACK_BYTES);
        Taken taken = handler.take(file, raw.show(buffer, from, to, position, length), ending());
        System.arraycopy(kept, 0, buffer, to, kept.length);
        return taken;
    }

    /** Looks for the end of a record longer than the buffer, and passes its beginning on once that is found. */
    private Result lookOn(FileTail file, long size, Rest rest, RecordHandler handler) throws IOException {
        long from = Math.max(file.position(), file.lookedTo() - Framer.LOOK_BACK_BYTES);
        int at = (int) (file.lookedTo() - from);
        int filled = file.read(from, buffer, (int) Math.min(buffer.length, Math.max(0, size - from)));
        if (filled < at) {
            return Result.REWRITTEN;
        }
        boolean atEnd = from + filled >= size;
        frame.resume(file.lookedState());
        Framer framer = framers.apply(file.stream());
        if (!framer.find(frame, buffer, 0, at, filled, atEnd ? rest : Rest.MAY_FOLLOW)) {
            file.lookedTo(from + frame.lookedTo(), frame.state());
            if (!atEnd) {
                return Result.MORE;
            }
            file.exhaustedAt(size, rest);
            return Result.EXHAUSTED;
        }
        long length = from + frame.end() - file.position();
        long next = from + frame.next();
        int guard = file.guard().length;
        int to = guard + (int) Math.min(length, recordBytesMax);
        if (fill(file, size) < to) {
            return Result.REWRITTEN;
        }
        if (handler.take(file, raw.show(buffer, guard, to, file.position(), length), ending()) == Taken.FULL) {
            return Result.FULL;
        }
        file.advanceFar(next);
        return Result.MORE;
    }
}
