package org.pgpod.logshipper.tail;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Advance;
import org.pgpod.logshipper.model.FileState;
import org.pgpod.logshipper.model.Fingerprint;
import org.pgpod.logshipper.model.LogStream;
import org.pgpod.logshipper.parse.Framer.Rest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log file and how far it is read. While it is open it can be read to its end, even if it was renamed or deleted
 * meanwhile. It remembers the bytes before its position, so that a file that was truncated and written anew is never taken
 * for the same one, however long it has become.
 */
public final class FileTail {
    /** A server writes a record at once: after this time without a byte what belongs to it is there. */
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(FileTail.class);

    private final int number;
    private final SeenFile.Key key;
    private Path path;
    private final boolean compressed;
    private @Nullable Content content;
    private long position;
    private long sealedPosition;
    private int firstLine;
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

    private FileTail(int number, SeenFile file, Content content) {
        this.number = number;
        this.key = file.key();
        this.path = file.path();
        this.compressed = file.compressed();
        this.content = content;
        this.sizeSeen = file.size();
        this.modifiedMillis = file.modifiedMillis();
    }

    /** Opens a file that is new; empty if it is no longer the one at its path. */
    static Optional<FileTail> first(int number, SeenFile file, byte[] beginning) throws IOException {
        Optional<FileTail> tail = Content.open(file).map(content -> new FileTail(number, file, content));
        tail.ifPresent(opened -> opened.firstLine = firstLine(beginning));
        return tail;
    }

    /** Opens a file that goes on from a stored state; empty if it is not the file of that state. */
    static Optional<FileTail> resumed(FileState state, SeenFile file) throws IOException {
        if (!file.compressed() && file.size() < state.position()) {
            return Optional.empty();
        }
        Optional<Content> opened = Content.open(file);
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
        tail.opened().rest();
        return Optional.of(tail);
    }

    /** Whether a state is that of a file, and the file ends where the state does. */
    static boolean isWhole(FileState state, SeenFile file) throws IOException {
        boolean same = file.compressed() || file.size() == state.position();
        Optional<FileTail> tail = same ? resumed(state, file) : Optional.empty();
        if (tail.isPresent()) {
            tail.get().close();
        }
        return tail.isPresent() && Content.endsBefore(state.position() + 1, file);
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

    /** When it was last written to, as far as was seen. */
    long modifiedMillis() {
        return modifiedMillis;
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
        Content open = content;
        long size = open == null ? sizeSeen : open.storedBytes();
        if (size != sizeKnown) {
            sizeKnown = size;
            grownNanos = nowNanos;
        }
        return size != sizeRead || (heldBack && rest(nowNanos) == Rest.IS_THERE);
    }

    /** Makes sure that it is open; false if the file is no longer at its path. */
    boolean reopen() throws IOException {
        if (content == null) {
            Optional<SeenFile> now = LogDirectories.look(key.stream(), path);
            if (now.isPresent() && now.get().inode() == key.inode() && now.get().compressed() == compressed) {
                content = Content.open(now.get()).orElse(null);
            }
        }
        return content != null;
    }

    boolean isOpen() {
        return content != null;
    }

    /** Closes the file; it is opened again when it grows. */
    void close() throws IOException {
        Content open = content;
        content = null;
        if (open != null) {
            open.close();
        }
    }

    /** How many bytes there are to read; {@link Content#UNKNOWN_SIZE} for a compressed file whose end was not seen yet. */
    long size() throws IOException {
        sizeSeen = opened().storedBytes();
        return compressed ? opened().size() : sizeSeen;
    }

    /** Fills {@code buffer} from a position of the file; returns how many bytes there were, at most {@code length}. */
    int read(long from, byte[] buffer, int length) throws IOException {
        readings++;
        return opened().read(from, buffer, length);
    }

    /** How often bytes were read from it: what was read at an earlier count stood there before. */
    long readings() {
        return readings;
    }

    private byte[] read(long from, int length) throws IOException {
        byte[] bytes = new byte[length];
        return Arrays.copyOf(bytes, read(from, bytes, length));
    }

    private Content opened() throws IOException {
        Content open = content;
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
    void exhaustedAt(long size, Rest rest) throws IOException {
        Content read = opened();
        sizeRead = read.storedBytesAt(size);
        if (read instanceof GzipContent gzip && gzip.damage().isPresent()) {
            LOG.warn(
                    "compressed log file is damaged, the rest of it is not read path={} position={} reason={}",
                    path,
                    position,
                    gzip.damage().get());
        }
        read.rest();
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

    /** How many bytes are not read yet, as far as was seen; a compressed file counts whole until it is read. */
    long unread() {
        if (compressed) {
            return sizeRead == sizeSeen ? 0 : sizeSeen;
        }
        return Math.max(0, sizeSeen - position);
    }

    boolean compressed() {
        return compressed;
    }

    /** Whether it is a compressed file that another one has the name and the content of. */
    boolean isOtherFormOf(SeenFile plain) throws IOException {
        if (plain.stream() != key.stream() || !plain.name().equals(SeenFile.nameBefore(name())) || !reopen()) {
            return false;
        }
        byte[] begins = Content.beginning(plain).orElseGet(() -> new byte[0]);
        byte[] own = read(0, begins.length);
        return own.length > 0 && Arrays.equals(own, 0, own.length, begins, 0, own.length);
    }

    /** Whether what begins so may be a copy of it, as far as both are there. */
    boolean begins(byte[] beginning) throws IOException {
        byte[] own = head.length > 0 ? head : unreadBeginning(beginning);
        int length = Math.min(own.length, beginning.length);
        boolean told =
                length == Fingerprint.BYTES_MAX || (length > 0 && key.stream().identifiesRecords());
        return told && Arrays.equals(own, 0, length, beginning, 0, length);
    }

    /** The first bytes of a file of which nothing was read, unless they are known to be others. */
    private byte[] unreadBeginning(byte[] other) throws IOException {
        int otherLine = firstLine(other);
        boolean mayBeSame = firstLine == 0 || otherLine == 0 || firstLine == otherLine;
        return mayBeSame && sizeSeen > 0 && content != null ? read(0, Fingerprint.BYTES_MAX) : head;
    }

    /** Tells beginnings apart by their first lines, without keeping them; 0 for one whose first line is not whole. */
    private static int firstLine(byte[] beginning) {
        int end = 0;
        while (end < beginning.length && beginning[end] != '\n') {
            end++;
        }
        boolean whole = end < beginning.length || end == Fingerprint.BYTES_MAX;
        return whole ? Arrays.hashCode(Arrays.copyOf(beginning, end)) : 0;
    }
}
