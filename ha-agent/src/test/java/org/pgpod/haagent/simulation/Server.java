package org.pgpod.haagent.simulation;

import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.PostgresSettings;

/** A running Postgres. */
final class Server {
    final DataDirectory data;
    final long pid;
    boolean inRecovery;

    /** Whether it takes connections and statements. */
    boolean accepting;

    /** Whether its walsenders work: they do until the very end of a fast shutdown. */
    boolean sending;

    PostgresSettings settings;

    /** The primary it receives from, while it does. */
    Optional<Server> source = Optional.empty();

    /** What came through the receiver in this run; 0 for nothing. */
    long received;

    long replayed;
    boolean replayPaused;

    /** How far this standby stays behind, as a slow network makes it. */
    long lagBytes;

    final Commits commits;

    private boolean wasDetached;

    Server(DataDirectory data, long pid, boolean inRecovery, PostgresSettings settings) {
        this.data = data;
        this.pid = pid;
        this.inRecovery = inRecovery;
        this.settings = settings;
        this.commits = new Commits(data, settings);
        this.replayed = Math.max(data.wal.start, Math.min(data.end, data.checkpoint));
    }

    boolean writable() {
        return !inRecovery;
    }

    Optional<PostgresSettings.Standby> following() {
        return inRecovery && settings instanceof PostgresSettings.Standby standby
                ? Optional.of(standby)
                : Optional.empty();
    }

    /** One record more; only a copy that has all that was ever written on its timeline may add to it. */
    void write() {
        data.append();
        commits.wrote();
    }

    void load(PostgresSettings next) {
        settings = next;
        commits.reload(next);
    }

    void checkpoint() {
        data.checkpoint();
        commits.checkpointerTurns();
    }

    /** Takes over what the source has, up to its own lag, and replays it. */
    void receive(Server from) {
        long end = Math.max(data.end, from.data.end - lagBytes);
        if (data.wal != from.data.wal) {
            // It follows the line of the source, timeline by timeline; for our purposes in one go.
            data.wal = from.data.wal;
            end = Math.max(end, Math.min(from.data.end, from.data.wal.start));
        }
        data.end = end;
        received = end;
        replay();
    }

    void replay() {
        if (!replayPaused) {
            replayed = data.end;
            if (inRecovery) {
                data.recoveryTimeline = data.wal.timeline;
            }
        }
    }

    /** A copy as pg_basebackup makes it: of a standby it goes as far as that one has replayed. */
    DataDirectory backUp() {
        DataDirectory copy = data.backedUp();
        if (inRecovery) {
            copy.state = DataDirectory.RECOVERING;
            copy.recoveryEnd = replayed;
            copy.recoveryTimeline = data.wal.timeline;
        }
        return copy;
    }

    void crash(Chance chance) {
        data.state = inRecovery ? DataDirectory.RECOVERING : DataDirectory.PRODUCTION;
        if (inRecovery) {
            // The control file is written now and then only: it says less than what was replayed.
            data.recoveryEnd =
                    Math.max(Math.min(data.recoveryEnd, replayed), replayed - DataDirectory.RECORD * chance.upTo(50));
        }
    }

    void shutDown() {
        if (inRecovery) {
            data.state = DataDirectory.SHUT_DOWN_IN_RECOVERY;
            data.recoveryEnd = replayed;
        } else {
            data.checkpoint();
            data.state = DataDirectory.SHUT_DOWN;
        }
    }

    /** Begins timeline {@code number} where its WAL ends. */
    Wal promote(int number) {
        data.wal = data.wal.fork(number, data.end);
        // Until the next checkpoint only the end of recovery names the timeline.
        data.recoveryEnd = data.end;
        data.recoveryTimeline = number;
        data.state = DataDirectory.PRODUCTION;
        inRecovery = false;
        source = Optional.empty();
        data.append();
        commits.opened();
        return data.wal;
    }

    DatabaseFacts facts(boolean historyReadable) {
        boolean detached =
                !(settings instanceof PostgresSettings.Standby) && !(settings instanceof PostgresSettings.Remote);
        boolean stillDetached = wasDetached && detached;
        wasDetached = detached;
        int timeline = data.wal.timeline;
        return new DatabaseFacts(
                data.systemId,
                inRecovery,
                new Timeline(timeline),
                timeline == 1 || !historyReadable ? Optional.empty() : Optional.of(new Lsn(data.wal.start)),
                new Lsn(inRecovery ? received : 0),
                new Lsn(inRecovery ? replayed : data.end),
                !inRecovery || replayed == data.end,
                source.isPresent() ? DatabaseFacts.Receiver.STREAMING : DatabaseFacts.Receiver.NONE,
                stillDetached,
                commits.facts(),
                data.slots,
                new Timeline(data.checkpointTimeline),
                Optional.empty(),
                commits.standbyNames(),
                true,
                false,
                "15.20");
    }
}
