package org.pgpod.wireproxy.session;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What was sent over one server connection and is not answered yet, in order, by the rules of the manual's chapter
 * "Message Flow": it knows when the connection is at rest, so that another client may use it, and which answers are not
 * the client's. Where messages cannot be told apart any more it says so for good.
 */
public final class Pipeline {
    /** What an entry waits for. */
    public enum Kind {
        PARSE,
        BIND,
        DESCRIBE,
        CLOSE,
        EXECUTE,
        QUERY,
        FUNCTION_CALL,
        SYNC,
        COPY_END
    }

    /** Who asked, and who answers. */
    public enum Origin {
        /** The client asked and Postgres answers. */
        CLIENT,
        /** The proxy asked by itself: the client must not see the answer. */
        PROXY,
        /** The client asked and the proxy answers, when everything before is answered. */
        LOCAL,
        /** The client asked and Postgres answers, but what it prepares is given up at once. */
        TRIAL
    }

    /**
     * One message.
     *
     * @param name the client's name of the statement, for Parse and Close
     * @param statement the statement, for Parse and Close of statements
     */
    public record Entry(
            Kind kind, Origin origin, String name, @Nullable Statement statement) {
        private static Entry plain(Kind kind) {
            return new Entry(kind, Origin.CLIENT, "", null);
        }
    }

    public static final Entry PARSE = Entry.plain(Kind.PARSE);
    public static final Entry BIND = Entry.plain(Kind.BIND);
    public static final Entry DESCRIBE = Entry.plain(Kind.DESCRIBE);
    public static final Entry CLOSE = Entry.plain(Kind.CLOSE);
    public static final Entry EXECUTE = Entry.plain(Kind.EXECUTE);
    public static final Entry QUERY = Entry.plain(Kind.QUERY);
    public static final Entry FUNCTION_CALL = Entry.plain(Kind.FUNCTION_CALL);
    public static final Entry SYNC = Entry.plain(Kind.SYNC);
    public static final Entry COPY_END = Entry.plain(Kind.COPY_END);

    private static final byte IDLE = 'I';

    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    private final Consumer<Entry> dropped;
    private byte status = IDLE;

    /** Messages of the extended protocol were sent that no Sync has closed yet. */
    private boolean unsynced;

    /** Postgres ignores what it gets until Sync. */
    private boolean skipping;

    /** Postgres takes what it gets for the data of a COPY. */
    private boolean copyIn;

    /** Sync messages that Postgres ignores because it reads them within a COPY. */
    private int syncsInCopy;

    private boolean lost;

    /** Since the last Sync, messages were sent that may be skipped and would prepare or close something. */
    private boolean changing;

    /** A Sync has closed such messages and is not answered. */
    private boolean undecided;

    /** @param dropped is told of each entry that Postgres will not carry out, the latest first */
    public Pipeline(Consumer<Entry> dropped) {
        this.dropped = dropped;
    }

    /** A message was sent, or is to be answered by the proxy. */
    public void sent(Entry entry) {
        if (copyIn) {
            sentInCopy(entry);
        } else if (skipping && entry.kind() != Kind.SYNC) {
            dropped.accept(entry);
        } else if (entry.kind() != Kind.COPY_END || !entries.isEmpty()) {
            switch (entry.kind()) {
                case SYNC -> {
                    skipping = false;
                    unsynced = false;
                    undecided |= changing;
                    changing = false;
                }
                case QUERY -> {
                    // Behind an error it is skipped like the rest, and it would have closed what has no name.
                    changing |= unsynced;
                    unsynced = false;
                }
                case PARSE, CLOSE -> {
                    unsynced = true;
                    changing = true;
                }
                case BIND, DESCRIBE, EXECUTE -> unsynced = true;
                case FUNCTION_CALL, COPY_END -> {}
            }
            entries.add(entry);
        }
    }

    private void sentInCopy(Entry entry) {
        switch (entry.kind()) {
            case COPY_END -> copyIn = false;
            case SYNC -> syncsInCopy++;
            // Postgres ends a connection on which it finds these among the data.
            case PARSE, BIND, DESCRIBE, CLOSE, EXECUTE, QUERY, FUNCTION_CALL -> {
                lost = true;
                dropped.accept(entry);
            }
        }
    }

    /**
     * Whether it is open what is prepared behind the Sync that was sent last: an error before it would have made Postgres
     * skip what prepares or closes.
     */
    public boolean isUndecided() {
        return undecided;
    }

    /** The entry that an answer of this kind belongs to, which is done with it; null if there is none. */
    public @Nullable Entry answered(Kind kind) {
        Entry head = head();
        if (head == null || head.kind() != kind) {
            lost = true;
            return null;
        }
        return entries.remove();
    }

    /** The message that Postgres is working on, or that the proxy has to answer; null if there is none. */
    public @Nullable Entry head() {
        Entry head = entries.peek();
        while (head != null && head.kind() == Kind.COPY_END) {
            entries.remove();
            head = entries.peek();
        }
        return head;
    }

    /** Takes the entry that the proxy is to answer now; null if it is not its turn. */
    public @Nullable Entry takeLocal() {
        Entry head = head();
        return head != null && head.origin() == Origin.LOCAL ? entries.remove() : null;
    }

    /** A row description or NoData came. */
    public void described() {
        Entry head = head();
        if (head != null && head.kind() == Kind.DESCRIBE) {
            entries.remove();
        }
    }

    /** A command is complete, or its portal is suspended, or it was empty. */
    public void executed() {
        copyIn = false;
        syncsInCopy = 0;
        Entry head = head();
        if (head != null && head.kind() == Kind.EXECUTE) {
            entries.remove();
        }
    }

    /** Postgres waits for the data of a COPY. */
    public void copyInStarted() {
        copyIn = true;
        Iterator<Entry> sent = entries.iterator();
        if (!sent.hasNext()) {
            lost = true;
            return;
        }
        Entry copy = sent.next();
        while (copyIn && sent.hasNext()) {
            Entry next = sent.next();
            sent.remove();
            sentInCopy(next);
        }
        if (copy.kind() == Kind.EXECUTE) {
            unsynced = entries.stream().noneMatch(entry -> entry.kind() == Kind.SYNC);
        }
    }

    /** An error came. */
    public void error() {
        copyIn = false;
        // Whether Postgres had read them before it gave the COPY up, and will answer them, cannot be known.
        lost |= syncsInCopy > 0;
        Entry head = head();
        if (head == null) {
            return;
        }
        switch (head.kind()) {
            case QUERY, FUNCTION_CALL, SYNC, COPY_END -> {}
            case PARSE, BIND, DESCRIBE, CLOSE, EXECUTE -> skip();
        }
    }

    private void skip() {
        ArrayDeque<Entry> skipped = new ArrayDeque<>();
        while (!entries.isEmpty() && entries.element().kind() != Kind.SYNC) {
            skipped.push(entries.remove());
        }
        if (entries.isEmpty()) {
            skipping = true;
            unsynced = true;
        }
        skipped.forEach(dropped);
    }

    /** Postgres is ready for the next query; returns what it has finished, null if nothing was sent that it would finish. */
    public @Nullable Entry ready(byte newStatus) {
        status = newStatus;
        Entry head = head();
        boolean expected = head != null
                && (head.kind() == Kind.QUERY || head.kind() == Kind.FUNCTION_CALL || head.kind() == Kind.SYNC);
        if (!expected) {
            lost = true;
            return null;
        }
        Entry done = entries.remove();
        undecided &= head() != null;
        return done;
    }

    /** Whether everything is answered and no transaction is open. */
    public boolean atRest() {
        return head() == null && !unsynced && !skipping && !copyIn && !lost && status == IDLE;
    }

    /** Whether Postgres may be in a transaction block, which may have failed, when it gets what is sent next. */
    public boolean mayBeInTransaction() {
        return status != IDLE || head() != null;
    }

    /** Whether something is sent and not answered. */
    public boolean isBusy() {
        return head() != null;
    }

    /** Whether Postgres takes what it gets for the data of a COPY. */
    public boolean inCopy() {
        return copyIn;
    }

    /** Whether it is unknown, for good, which answers are still to come. */
    public boolean isLost() {
        return lost;
    }

    public int size() {
        return entries.size();
    }

    /** Whether an entry of this kind and of one of these origins is not answered. */
    public boolean contains(Kind kind, Set<Origin> origins, Statement statement) {
        for (Entry entry : entries) {
            if (entry.kind() == kind
                    && origins.contains(entry.origin())
                    && entry.statement() != null
                    && entry.statement().equals(statement)) {
                return true;
            }
        }
        return false;
    }
}
