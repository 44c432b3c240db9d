package org.pgpod.wireproxy.telemetry;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.wireproxy.protocol.CommandTag;

/** Durations and session states of one combination of labels. Recording neither allocates nor waits. */
public final class Series {
    /** What a session that has logged in is doing. */
    public enum State {
        IDLE,
        /** Something the client asked for is not answered yet. */
        ACTIVE,
        IDLE_IN_TRANSACTION
    }

    private static final String FAILED = "failed";

    private final Durations durations;
    private final List<String> labels;
    private final DurationPoint transactions;
    private final DurationPoint logins;
    private final DurationPoint failedStatements;
    /** Added when the first of its kind ends, so that what never happens takes no room. */
    private final Map<CommandTag, DurationPoint> statements = new ConcurrentHashMap<>();

    private final Map<State, LongAdder> states = new EnumMap<>(State.class);

    Series(Durations durations, List<String> labels) {
        this.durations = durations;
        this.labels = labels;
        this.transactions = durations.transactions().point(labels);
        this.logins = durations.logins().point(labels);
        this.failedStatements = durations.statements().point(with(FAILED));
        for (State state : State.values()) {
            states.put(state, new LongAdder());
        }
    }

    private List<String> with(String command) {
        List<String> values = new ArrayList<>(labels);
        values.add(command);
        return values;
    }

    /** Of statements that ended well and did this. */
    public DurationPoint statements(CommandTag tag) {
        DurationPoint known = statements.get(tag);
        return known == null ? added(tag) : known;
    }

    private DurationPoint added(CommandTag tag) {
        return statements.computeIfAbsent(
                tag, unseen -> durations.statements().point(with(tag.name().toLowerCase(Locale.ROOT))));
    }

    /** Of statements that ended with an error. */
    public DurationPoint failedStatements() {
        return failedStatements;
    }

    public void transaction(long nanos) {
        transactions.observe(nanos);
    }

    public void login(long nanos) {
        logins.observe(nanos);
    }

    /** A session begins to be in this state. */
    public void enter(State state) {
        of(state).increment();
    }

    /** It is not in it any more. */
    public void leave(State state) {
        of(state).decrement();
    }

    long sessions(State state) {
        return of(state).sum();
    }

    private LongAdder of(State state) {
        LongAdder sessions = states.get(state);
        if (sessions == null) {
            throw new IllegalStateException("no count for " + state);
        }
        return sessions;
    }
}
