package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.util.Arrays;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.RawRecord;
import org.pgpod.logshipper.parse.Framer;
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

    private final Framer framer;
    private final int recordBytesMax;
    private final int bufferBytesMax;
    private final RawRecord raw = new RawRecord();
    private byte[] buffer;

    public RecordReader(Framer framer, int recordBytesMax) {
        this.framer = framer;
        this.recordBytesMax = recordBytesMax;
        this.bufferBytesMax = Fingerprint.BYTES_MAX + recordBytesMax + 1 + RawRecord.SLACK_BYTES;
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

    /** Reads one chunk from an open file. */
    Result read(FileTail file, RecordHandler handler) throws IOException {
        long size = file.size();
        if (size < file.position()) {
            return Result.REWRITTEN;
        }
        if (file.scannedTo() > file.position()) {
            return scan(file, size, handler);
        }
        int guard = file.guard().length;
        int filled = fill(file, size);
        if (filled < guard) {
            return Result.REWRITTEN;
        }
        int from = guard;
        Taken taken = Taken.TAKEN;
        for (int end = framer.end(buffer, from, filled); end != Framer.NONE; end = framer.end(buffer, from, filled)) {
            taken = pass(file, from, end, file.position() + from - guard, handler);
            if (taken == Taken.FULL) {
                break;
            }
            from = end + 1;
        }
        boolean atEnd = file.position() - guard + filled >= size;
        boolean nothing = from == guard;
        if (!nothing) {
            file.advance(buffer, from);
        }
        if (taken == Taken.FULL) {
            return Result.FULL;
        }
        if (nothing && filled - guard > recordBytesMax) {
            file.scannedTo(file.position() + filled - guard);
            return Result.MORE;
        }
        if (atEnd) {
            file.exhaustedAt(size);
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

    private Taken pass(FileTail file, int from, int end, long position, RecordHandler handler) {
        int length = end - from;
        if (length <= recordBytesMax) {
            return handler.take(file, raw.show(buffer, from, end, position, length), Ending.LINE_END);
        }
        int to = from + recordBytesMax;
        // The parser may overwrite what follows the cut, and the guard needs it as it was.
        byte[] kept = Arrays.copyOfRange(buffer, to, to + RawRecord.SLACK_BYTES);
        Taken taken = handler.take(file, raw.show(buffer, from, to, position, length), Ending.LINE_END);
        System.arraycopy(kept, 0, buffer, to, kept.length);
        return taken;
    }

    /** Looks for the end of a record longer than the limit, and passes its beginning on once that is found. */
    private Result scan(FileTail file, long size, RecordHandler handler) throws IOException {
        long from = file.scannedTo();
        int filled = file.read(from, buffer, (int) Math.min(buffer.length, Math.max(0, size - from)));
        int end = framer.end(buffer, 0, filled);
        if (end == Framer.NONE) {
            file.scannedTo(from + filled);
            if (from + filled < size) {
                return Result.MORE;
            }
            file.exhaustedAt(size);
            return Result.EXHAUSTED;
        }
        long recordEnd = from + end;
        file.scannedTo(recordEnd);
        int guard = file.guard().length;
        if (fill(file, size) < guard + recordBytesMax) {
            return Result.REWRITTEN;
        }
        int to = guard + recordBytesMax;
        long length = recordEnd - file.position();
        if (handler.take(file, raw.show(buffer, guard, to, file.position(), length), Ending.LINE_END) == Taken.FULL) {
            return Result.FULL;
        }
        file.advanceFar(recordEnd + 1);
        return Result.MORE;
    }
}
