package org.pgpod.wireproxy.session;

import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.protocol.BackendObserver;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.Frontend;
import org.pgpod.wireproxy.protocol.FrontendObserver;
import org.pgpod.wireproxy.protocol.Severity;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.protocol.SqlText;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.DurationPoint;
import org.pgpod.wireproxy.telemetry.FinishedStatement;
import org.pgpod.wireproxy.telemetry.Series;
import org.pgpod.wireproxy.telemetry.Who;

/**
 * Times what one client asks for, from its messages and the answers to them, in a pipeline of any depth. Nothing is
 * allocated while messages pass unless reports of statements are wanted. Confined to the session's event loop.
 *
 * <p>It believes the order of messages, not their number: whenever nothing is due any more it starts afresh, so that a
 * conversation it did not understand costs some observations and not the rest of the session.
 */
public final class SessionWatch implements FrontendObserver, BackendObserver {
    private static final byte IDLE = 'I';
    private static final long UNSET = Long.MIN_VALUE;

    private final Watching watching;
    private final Counters.Encryption encryption;
    private final boolean reporting;
    private final Unanswered unanswered = new Unanswered();
    private final PreparedTexts prepared;
    private final long beganNanos;

    private long wantedNanos;
    private Who who;
    private @Nullable Series series;
    private Series.State state = Series.State.IDLE;
    private boolean loggedIn;
    /** ReadyForQuery messages that Query, FunctionCall and Sync ask for and that have not come yet. */
    private long due;

    private boolean unsynced;
    /** The pipeline was too deep; nothing is timed until all is answered. */
    private boolean overrun;

    private boolean worked;
    private long transactionNanos = UNSET;

    public SessionWatch(Watching watching, Who who, Counters.Encryption encryption) {
        this.watching = watching;
        this.who = who;
        this.encryption = encryption;
        this.reporting = watching.reports().wanted();
        this.prepared = new PreparedTexts(watching.texts());
        this.beganNanos = watching.nanoClock().getAsLong();
    }

    /** Whether the texts of statements are of use, so that the client's messages must be looked into. */
    public boolean wantsTexts() {
        return reporting;
    }

    public Who who() {
        return who;
    }

    /** The session wishes for a connection to Postgres. */
    public void serverWanted() {
        wantedNanos = now();
    }

    /** It has got one. */
    public void serverReached() {
        watching.durations().serverWait(now() - wantedNanos);
    }

    @Override
    public void clientMessage(byte type) {
        switch (type) {
            case Frontend.QUERY -> asked(Unanswered.Kind.QUERY);
            case Frontend.FUNCTION_CALL -> asked(Unanswered.Kind.CALL);
            case Frontend.EXECUTE -> asked(Unanswered.Kind.EXECUTE);
            case Frontend.SYNC -> asked(Unanswered.Kind.SYNC);
            case Frontend.PARSE, Frontend.BIND, Frontend.DESCRIBE, Frontend.CLOSE -> begins(now());
            default -> {}
        }
    }

    private long now() {
        return watching.nanoClock().getAsLong();
    }

    private void asked(Unanswered.Kind kind) {
        long now = now();
        if (kind == Unanswered.Kind.SYNC) {
            unsynced = false;
        } else {
            begins(now);
        }
        if (kind.isAnsweredByReady()) {
            due++;
        }
        if (kind == Unanswered.Kind.QUERY || kind == Unanswered.Kind.CALL) {
            unsynced = false;
        }
        if (overrun || series == null || !unanswered.add(kind, now)) {
            // What is sent before login is as untimed as what is too much: nobody knows yet whose it is.
            overrun = true;
            forgetUnanswered();
            watching.counters().statementsUntimed.increment();
        }
        become(Series.State.ACTIVE);
    }

    private void begins(long now) {
        unsynced = true;
        if (transactionNanos == UNSET) {
            transactionNanos = now;
        }
        become(Series.State.ACTIVE);
    }

    private void become(Series.State next) {
        Series own = series;
        if (own != null && next != state && loggedIn) {
            own.leave(state);
            own.enter(next);
            state = next;
        }
    }

    @Override
    public void query(SqlText text) {
        attach(text);
    }

    @Override
    public void parse(String statement, SqlText text) {
        if (series != null) {
            prepared.parse(statement, text);
        }
    }

    @Override
    public void bind(String portal, String statement) {
        prepared.bind(portal, statement);
    }

    @Override
    public void execute(String portal) {
        SqlText text = prepared.text(portal);
        if (text != null) {
            attach(text);
        }
    }

    @Override
    public void closeStatement(String statement) {
        prepared.close(statement);
    }

    private void attach(SqlText text) {
        if (!unanswered.isEmpty() && watching.texts().take(text.bytes()) && !unanswered.attach(text)) {
            watching.texts().leave(text.bytes());
        }
    }

    @Override
    public void authenticated() {
        if (series == null) {
            watching.counters().logins(encryption).increment();
            series = watching.durations().of(who.database(), who.user(), who.application());
        }
    }

    @Override
    public void applicationName(String name) {
        Series before = series;
        who = new Who(who.database(), who.user(), name, who.client());
        if (before != null) {
            Series after = watching.durations().of(who.database(), who.user(), name);
            if (loggedIn) {
                before.leave(state);
                after.enter(state);
            }
            series = after;
        }
    }

    @Override
    public void commandComplete(CommandTag tag) {
        worked = true;
        if (isStatement() && series != null) {
            finish(series.statements(tag), tag, SqlState.NONE);
            answered();
        }
    }

    @Override
    public void portalSuspended() {
        commandComplete(CommandTag.SELECT);
    }

    @Override
    public void emptyQuery() {
        if (isStatement()) {
            answered();
        }
    }

    @Override
    public void error(long sqlState, Severity severity) {
        worked = true;
        if (isStatement() && series != null) {
            finish(series.failedStatements(), null, sqlState);
        }
        skipToSync();
    }

    /** After an error Postgres ignores what comes until Sync. */
    private void skipToSync() {
        while (!unanswered.isEmpty() && unanswered.kind() == Unanswered.Kind.EXECUTE) {
            remove();
        }
    }

    private boolean isStatement() {
        return !unanswered.isEmpty()
                && (unanswered.kind() == Unanswered.Kind.QUERY || unanswered.kind() == Unanswered.Kind.EXECUTE);
    }

    private void answered() {
        if (unanswered.kind() == Unanswered.Kind.EXECUTE) {
            remove();
        } else {
            unanswered.restart(now());
        }
    }

    private void remove() {
        leave(unanswered.text());
        unanswered.remove();
    }

    private void leave(@Nullable SqlText text) {
        if (text != null) {
            watching.texts().leave(text.bytes());
        }
    }

    private void finish(DurationPoint point, @Nullable CommandTag tag, long sqlState) {
        long nanos = now() - unanswered.startNanos();
        Labels exemplar = Labels.EMPTY;
        if (reporting) {
            exemplar = watching.reports()
                    .finished(new FinishedStatement(
                            who, Optional.ofNullable(unanswered.text()), Optional.ofNullable(tag), sqlState, nanos));
        }
        if (exemplar.isEmpty()) {
            point.observe(nanos);
        } else {
            point.observe(nanos, exemplar);
        }
    }

    @Override
    public void copyInStarted() {
        if (isStatement() && unanswered.kind() == Unanswered.Kind.EXECUTE) {
            // The Sync that came with it is not answered; the one behind CopyDone is.
            due -= unanswered.readyDueBehindFirst();
            while (unanswered.size() > 1) {
                leave(unanswered.secondText());
                unanswered.removeSecond();
            }
            unsynced = true;
        }
    }

    @Override
    public void readyForQuery(byte status) {
        long now = now();
        if (!loggedIn) {
            logIn(now);
        } else if (due > 0) {
            due--;
            removeThroughReady();
        }
        boolean quiet = due == 0 && !unsynced;
        if (quiet) {
            forgetUnanswered();
            overrun = false;
        }
        if (status == IDLE) {
            endTransaction(now, quiet);
        }
        if (quiet) {
            become(status == IDLE ? Series.State.IDLE : Series.State.IDLE_IN_TRANSACTION);
        }
    }

    private void logIn(long now) {
        Series own = series;
        if (own != null) {
            loggedIn = true;
            state = due > 0 || unsynced ? Series.State.ACTIVE : Series.State.IDLE;
            own.login(now - beganNanos);
            own.enter(state);
        }
    }

    private void removeThroughReady() {
        while (!unanswered.isEmpty()) {
            boolean last = unanswered.kind().isAnsweredByReady();
            remove();
            if (last) {
                return;
            }
        }
    }

    private void endTransaction(long now, boolean quiet) {
        if (worked && transactionNanos != UNSET && series != null) {
            series.transaction(now - transactionNanos);
        }
        worked = false;
        if (quiet) {
            transactionNanos = UNSET;
            prepared.forgetPortals();
        } else {
            transactionNanos = unanswered.isEmpty() ? now : unanswered.startNanos();
        }
    }

    private void forgetUnanswered() {
        while (!unanswered.isEmpty()) {
            remove();
        }
    }

    @Override
    public void notice(Severity severity) {}

    @Override
    public void unknownMessage() {}

    @Override
    public void commitUnresolved() {}

    /** The session is over. */
    public void ended() {
        forgetUnanswered();
        prepared.clear();
        Series own = series;
        if (own != null && loggedIn) {
            own.leave(state);
            loggedIn = false;
        }
    }
}
