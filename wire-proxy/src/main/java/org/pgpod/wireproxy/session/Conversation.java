package org.pgpod.wireproxy.session;

import org.pgpod.wireproxy.protocol.BackendObserver;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.Frontend;
import org.pgpod.wireproxy.protocol.FrontendObserver;
import org.pgpod.wireproxy.protocol.Severity;
import org.pgpod.wireproxy.telemetry.Counters;

/**
 * How one session stands, derived from the messages that passed: whether it is logged in, whether it is at a transaction
 * boundary, what was counted. Confined to the session's event loop.
 *
 * <p>A boundary is where nothing the client sent is unanswered and no transaction is open: whatever happens to the
 * session there, the client knows the outcome of everything it asked for.
 */
public final class Conversation implements FrontendObserver, BackendObserver {
    private static final byte IDLE = 'I';

    private final Counters counters;

    private boolean authenticated;
    private boolean terminated;
    private byte status;

    /** ReadyForQuery messages that login, Query and FunctionCall ask for and that have not come yet. */
    private long answersDue = 1;

    /** The same for Sync. */
    private long syncsDue;

    /** Messages of the extended protocol were sent that no Sync has closed yet. */
    private boolean unsynced;

    private boolean began;
    private boolean committed;
    private boolean rolledBack;
    private boolean failed;
    private boolean worked;

    public Conversation(Counters counters) {
        this.counters = counters;
    }

    /** Whether Postgres has admitted the user. */
    public boolean isAuthenticated() {
        return authenticated;
    }

    /** Whether the client has said that it ends. */
    public boolean isTerminated() {
        return terminated;
    }

    /** Whether everything the client sent is answered and no transaction is open. */
    public boolean atTransactionBoundary() {
        return answersDue == 0 && syncsDue == 0 && !unsynced && status == IDLE;
    }

    /** Whether the session is idle and no error came since: an error at rest is the last word of a server that ends. */
    public boolean atRest() {
        return atTransactionBoundary() && !failed;
    }

    @Override
    public void clientMessage(byte type) {
        switch (type) {
            case Frontend.QUERY, Frontend.FUNCTION_CALL -> answersDue++;
            case Frontend.SYNC -> {
                syncsDue++;
                unsynced = false;
            }
            case Frontend.TERMINATE -> terminated = true;
            case Frontend.AUTHENTICATION_ANSWER,
                    Frontend.FLUSH,
                    Frontend.COPY_DATA,
                    Frontend.COPY_DONE,
                    Frontend.COPY_FAIL -> {}
            case Frontend.PARSE, Frontend.BIND, Frontend.DESCRIBE, Frontend.EXECUTE, Frontend.CLOSE -> unsynced = true;
            default -> {
                counters.messagesFromClientsUnknown.increment();
                unsynced = true;
            }
        }
    }

    @Override
    public void authenticated() {
        authenticated = true;
    }

    @Override
    public void copyInStarted() {
        if (answersDue == 0) {
            // COPY by the extended protocol: the Sync that came with it is not answered, the one after CopyDone is.
            syncsDue = 0;
            unsynced = true;
        }
    }

    @Override
    public void commandComplete(CommandTag tag) {
        counters.statements(tag).increment();
        worked = true;
        switch (tag) {
            case BEGIN -> began = true;
            case COMMIT -> {
                committed = true;
                rolledBack = false;
            }
            case ROLLBACK -> {
                // Also the tag of ROLLBACK TO SAVEPOINT: the next status tells which it was.
                rolledBack = true;
                committed = false;
            }
            case SELECT, INSERT, UPDATE, DELETE, OTHER -> {}
        }
    }

    @Override
    public void error(long sqlState, Severity severity) {
        counters.errors().increment(sqlState);
        counters.errorsOf(severity).increment();
        failed = true;
    }

    @Override
    public void notice(Severity severity) {
        counters.noticesOf(severity).increment();
    }

    @Override
    public void unknownMessage() {
        counters.messagesFromPostgresUnknown.increment();
    }

    @Override
    public void commitUnresolved() {
        counters.unresolvedCommits.increment();
        // What was open is neither rolled back nor known to be committed, and is counted as neither.
        status = 0;
    }

    @Override
    public void readyForQuery(byte newStatus) {
        boolean wasInside = status != IDLE && status != 0;
        if (newStatus == IDLE) {
            count(wasInside || began);
            began = false;
        } else if (committed) {
            // COMMIT AND CHAIN, or a COMMIT and a BEGIN in one round trip.
            counters.transactions(Counters.Outcome.COMMIT).increment();
        }
        committed = false;
        rolledBack = false;
        failed = false;
        worked = false;
        status = newStatus;
        answered();
    }

    private void answered() {
        // A client that mixes both protocols in one pipeline gets its answers in another order; the sum is the same.
        if (answersDue > 0) {
            answersDue--;
        } else if (syncsDue > 0) {
            syncsDue--;
        }
    }

    private void count(boolean explicit) {
        if (committed) {
            counters.transactions(Counters.Outcome.COMMIT).increment();
        } else if (rolledBack || (explicit && failed)) {
            counters.transactions(Counters.Outcome.ROLLBACK).increment();
        } else if (failed) {
            counters.transactions(Counters.Outcome.IMPLICIT_ROLLBACK).increment();
        } else if (worked) {
            counters.transactions(Counters.Outcome.IMPLICIT_COMMIT).increment();
        }
    }

    /** The session is over: a transaction that was open is rolled back. */
    public void ended() {
        if (status != IDLE && status != 0) {
            counters.transactions(Counters.Outcome.ROLLBACK).increment();
        }
    }
}
