package org.pgpod.wireproxy.telemetry;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.Severity;

/** What the event loops count. Raising a counter neither allocates nor waits. */
public final class Counters {
    /** How a transaction ended, and whether the client had opened it itself. */
    public enum Outcome {
        COMMIT,
        ROLLBACK,
        IMPLICIT_COMMIT,
        IMPLICIT_ROLLBACK
    }

    /** Whether TLS protected a session on its way to this proxy. */
    public enum Encryption {
        TLS,
        NONE
    }

    public final LongAdder messagesFromClients = new LongAdder();
    public final LongAdder messagesFromPostgres = new LongAdder();
    public final LongAdder bytesFromClients = new LongAdder();
    public final LongAdder bytesFromPostgres = new LongAdder();
    public final LongAdder messagesFromClientsUnknown = new LongAdder();
    public final LongAdder messagesFromPostgresUnknown = new LongAdder();
    public final LongAdder statementsUntimed = new LongAdder();
    public final LongAdder slowStatementsSuppressed = new LongAdder();
    public final LongAdder spansExported = new LongAdder();
    public final LongAdder spansDropped = new LongAdder();
    public final LongAdder unresolvedCommits = new LongAdder();
    public final LongAdder tlsHandshakes = new LongAdder();
    public final LongAdder tlsHandshakesFailed = new LongAdder();
    public final LongAdder cancelRequests = new LongAdder();
    public final LongAdder sessionsFenced = new LongAdder();
    public final LongAdder sessionsDismissed = new LongAdder();
    public final LongAdder sessionsForwarded = new LongAdder();
    public final LongAdder sessionsParked = new LongAdder();
    public final LongAdder sessionsPinned = new LongAdder();
    public final LongAdder sessionsMoved = new LongAdder();
    private final SqlStateCounts errors = new SqlStateCounts();
    private final Map<ListenerName, LongAdder> sessions = adders(ListenerName.class);
    private final Map<ListenerName, LongAdder> active = adders(ListenerName.class);
    private final Map<CommandTag, LongAdder> statements = adders(CommandTag.class);
    private final Map<Outcome, LongAdder> transactions = adders(Outcome.class);
    private final Map<RefusalReason, LongAdder> refusals = adders(RefusalReason.class);
    private final Map<Encryption, LongAdder> logins = adders(Encryption.class);
    private final Map<Severity, LongAdder> errorSeverities = adders(Severity.class);
    private final Map<Severity, LongAdder> noticeSeverities = adders(Severity.class);

    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> type) {
        Map<E, LongAdder> adders = new EnumMap<>(type);
        for (E constant : type.getEnumConstants()) {
            adders.put(constant, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> LongAdder of(Map<E, LongAdder> adders, E constant) {
        LongAdder adder = adders.get(constant);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + constant);
        }
        return adder;
    }

    /** Sessions that reached Postgres. */
    public LongAdder sessions(ListenerName listener) {
        return of(sessions, listener);
    }

    /** Sessions that have reached Postgres and not ended. */
    public LongAdder active(ListenerName listener) {
        return of(active, listener);
    }

    public LongAdder statements(CommandTag tag) {
        return of(statements, tag);
    }

    public LongAdder transactions(Outcome outcome) {
        return of(transactions, outcome);
    }

    /** Connections that were turned away before they reached Postgres. */
    public LongAdder refusals(RefusalReason reason) {
        return of(refusals, reason);
    }

    /** Sessions whose user Postgres has admitted. */
    public LongAdder logins(Encryption encryption) {
        return of(logins, encryption);
    }

    /** Errors that Postgres reported with this severity. */
    public LongAdder errorsOf(Severity severity) {
        return of(errorSeverities, severity.isOfErrors() ? severity : Severity.UNKNOWN);
    }

    /** Notices that Postgres reported with this severity. */
    public LongAdder noticesOf(Severity severity) {
        return of(noticeSeverities, severity.isOfErrors() ? Severity.UNKNOWN : severity);
    }

    /** Errors that Postgres reported, by SQLSTATE. */
    public SqlStateCounts errors() {
        return errors;
    }
}
