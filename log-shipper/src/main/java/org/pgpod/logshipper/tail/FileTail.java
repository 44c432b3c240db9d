package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.parse.Framer.Rest;

/**
 * One log file and how far it is read. While it is open it can be read to its end, even if it was renamed or deleted
 * meanwhile. It remembers the bytes before its position, so that a file that was truncated and written anew is never taken
 * for the same one, however long it has become.
 */
public final class FileTail {
    /** A server writes a record at once: after this time without a byte what belongs to it is there. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final int number;
    private final SeenFile.Key key;
    private Path path;
    private @Nullable FileChannel channel;
    private long position;
    private long sealedPosition;
    private byte[] head = new byte[0];
    private byte[] guard = new byte[0];
    private long sizeSeen;
    private long sizeRead = -1;
    private long sizeKnown = -1;
    private long modifiedMillis;
    private int scansMissing;
    private long lookedTo;
    private long lookedState;
    private long grownNanos;
    private boolean heldBack;
    private long readings;
    private boolean superseded;

    private FileTail(int number, SeenFile file, FileChannel channel) {
        this.number = number;
        this.key = file.key();
        this.path = file.path();
        this.channel = channel;
        this.sizeSeen = file.size();
        this.modifiedMillis = file.modifiedMillis();
    }

    /** Opens a file that is new; empty if it is no longer the one at its path. */
    static Optional<FileTail> first(int number, SeenFile file) throws IOException {
        return open(file).map(channel -> new FileTail(number, file, channel));
    }

    /** Opens a file that goes on from a stored state; empty if it is not the file of that state. */
    static Optional<FileTail> resumed(FileState state, SeenFile file) throws IOException {
        if (file.size() < state.position()) {
            return Optional.empty();
        }
        Optional<FileChannel> opened = open(file);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        FileTail tail = new FileTail(state.number(), file, opened.get());
        int tailBytes = state.fingerprint().tailBytes();
        tail.head = tail.read(0, state.fingerprint().headBytes());
        tail.guard = tail.read(state.position() - tailBytes, tailBytes);
        tail.position = state.position();
        tail.sealedPosition = state.position();
        if (tail.head.length == 0
                || tail.guard.length == 0
                || !Fingerprint.of(tail.head, tail.guard).equals(state.fingerprint())) {
            tail.close();
            return Optional.empty();
        }
        return Optional.of(tail);
    }

    // The path may mean another file by now: it is opened only if it shows the same inode before and after.
    private static Optional<FileChannel> open(SeenFile file) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(file.path(), StandardOpenOption.READ);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        Optional<SeenFile> now = LogDirectories.look(file.stream(), file.path());
        if (now.isPresent() && now.get().inode() == file.inode()) {
            return Optional.of(channel);
        }
        channel.close();
        return Optional.empty();
    }

    /** Takes note of what a look into the directory showed. */
    void seen(SeenFile file) {
        path = file.path();
        scansMissing = 0;
        sizeSeen = file.size();
        if (file.modifiedMillis() != modifiedMillis) {
            modifiedMillis = file.modifiedMillis();
            // Written to without having grown: read again, so that the guard shows whether it is still the same.
            sizeRead = -1;
        }
    }

    /** Takes note of whether a file of its kind was written to later. */
    void superseded(boolean byAnother) {
        superseded = byAnother;
    }

    void missing() {
        scansMissing++;
    }

    /** How many looks in a row did not find it. */
    int scansMissing() {
        return scansMissing;
    }

    /** Whether there may be something to read. */
    boolean readable(long nowNanos) throws IOException {
        FileChannel open = channel;
        long size = open == null ? sizeSeen : open.size();
        if (size != sizeKnown) {
            sizeKnown = size;
            grownNanos = nowNanos;
        }
        return size != sizeRead || (heldBack && rest(nowNanos) == Rest.IS_THERE);
    }

    /** Makes sure that it is open; false if the file is no longer at its path. */
    boolean reopen() throws IOException {
        if (channel == null) {
            Optional<SeenFile> now = LogDirectories.look(key.stream(), path);
            if (now.isPresent() && now.get().inode() == key.inode()) {
                channel = open(now.get()).orElse(null);
            }
        }
        return channel != null;
    }

    boolean isOpen() {
        return channel != null;
    }

    /** Closes the file; it is opened again when it grows. */
    void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    long size() throws IOException {
        sizeSeen = opened().size();
        return sizeSeen;
    }

    /** Fills {@code buffer} from a position of the file; returns how many bytes there were, at most {@code length}. */
    int read(long from, byte[] buffer, int length) throws IOException {
        readings++;
        ByteBuffer into = ByteBuffer.wrap(buffer, 0, length);
        long at = from;
        while (into.hasRemaining()) {
            int read = opened().read(into, at);
            if (read < 0) {
                break;
            }
            at += read;
        }
        return into.position();
    }

    /** How often bytes were read from it: what was read at an earlier count stood there before. */
    long readings() {
        return readings;
    }

    private byte[] read(long from, int length) throws IOException {
        byte[] bytes = new byte[length];
        return Arrays.copyOf(bytes, read(from, bytes, length));
    }

    private FileChannel opened() throws IOException {
        FileChannel open = channel;
        if (open == null) {
            throw new IOException(path + " is not open");
        }
        return open;
    }

    /** The bytes before the position that a reading must show again. */
    byte[] guard() {
        return guard;
    }

    /**
     * Moves the position over records that were taken.
     *
     * @param buffer begins with the guard; the taken bytes follow it
     * @param to where the taken bytes end in the buffer
     */
    void advance(byte[] buffer, int to) {
        int taken = to - guard.length;
        if (head.length < Fingerprint.BYTES_MAX) {
            int more = Math.min(Fingerprint.BYTES_MAX - head.length, taken);
            int before = head.length;
            head = Arrays.copyOf(head, before + more);
            System.arraycopy(buffer, guard.length, head, before, more);
        }
        position += taken;
        guard = Arrays.copyOfRange(buffer, (int) (to - Math.min(Fingerprint.BYTES_MAX, position)), to);
        lookedTo = 0;
    }

    /** Moves the position over one record longer than any buffer; both ends are read from the file again. */
    void advanceFar(long to) throws IOException {
        int length = (int) Math.min(Fingerprint.BYTES_MAX, to);
        head = read(0, length);
        guard = read(to - length, length);
        position = to;
        lookedTo = 0;
    }

    /**
     * Notes that everything up to this size was looked at: there is nothing to read until the size changes, or until it has
     * not changed for so long that what was held back is all there is.
     */
    void exhaustedAt(long size, Rest rest) {
        sizeRead = size;
        heldBack = rest == Rest.MAY_FOLLOW && position < size;
    }

    /** Whether more may be written to the last record: not once the writer has gone on to another file. */
    Rest rest(long nowNanos) {
        return !superseded && nowNanos - grownNanos < QUIET_NANOS ? Rest.MAY_FOLLOW : Rest.IS_THERE;
    }

    /** Where the search for the end of a record longer than the buffer goes on; 0 when there is none. */
    long lookedTo() {
        return lookedTo;
    }

    /** The state of the framer there. */
    long lookedState() {
        return lookedState;
    }

    void lookedTo(long to, long state) {
        lookedTo = to;
        lookedState = state;
    }

    /** The step since the last call, for a batch to store; empty if there was none. */
    public Optional<Advance> seal() {
        if (position == sealedPosition) {
            return Optional.empty();
        }
        Advance advance = new Advance(sealedPosition, state());
        sealedPosition = position;
        return Optional.of(advance);
    }

    /** The state at the position; only for a file of which something was read. */
    FileState state() {
        return new FileState(number, key.stream(), name(), key.inode(), position, Fingerprint.of(head, guard));
    }

    public int number() {
        return number;
    }

    public LogStream stream() {
        return key.stream();
    }

    SeenFile.Key key() {
        return key;
    }

    public String name() {
        return path.getFileName().toString();
    }

    long position() {
        return position;
    }

    /** How many bytes are not read yet, as far as was seen. */
    long unread() {
        return Math.max(0, sizeSeen - position);
    }
}
