package org.pgpod.exporter.collect;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions in databases, of which those used last stay open, never more than a given number. Not for several threads at
 * once.
 */
public final class DatabaseSessions implements AutoCloseable {
    private final ServerLogin login;
    private final Supplier<Duration> silence;
    private final int keptMax;
    private final Runnable loginCounter;

    /** Those that nobody uses at the moment, the one used least recently first. */
    private final Map<String, Session> kept = new LinkedHashMap<>();

    /**
     * No session yet.
     *
     * @param silence a server that says nothing for as long as this says at the login is given up
     * @param keptMax with 0 each session ends when it is given back
     * @param loginCounter is run before each login
     */
    public DatabaseSessions(ServerLogin login, Supplier<Duration> silence, int keptMax, Runnable loginCounter) {
        this.login = login;
        this.silence = silence;
        this.keptMax = keptMax;
        this.loginCounter = loginCounter;
    }

    /** A session that was just answered; who takes it gives it back or closes it. */
    public Session take(String database) throws SQLException {
        Session session = kept.remove(database);
        if (session != null && answers(session)) {
            return session;
        }
        loginCounter.run();
        return Session.open(login, database, silence.get());
    }

    private static boolean answers(Session session) {
        try {
            var _ = session.ask();
            return true;
        } catch (SQLException ended) {
            // The server or somebody on it has ended the session; a new one takes its place.
            session.close();
            return false;
        }
    }

    /** Keeps a session for the next use, in place of the one used least recently if there are too many. */
    public void giveBack(String database, Session session) {
        close(kept.put(database, session));
        List<String> leastRecentFirst = List.copyOf(kept.keySet());
        for (String least : leastRecentFirst.subList(0, Math.max(0, kept.size() - keptMax))) {
            close(kept.remove(least));
        }
    }

    /** Closes the sessions in all databases but these. */
    public void retain(Collection<String> databases) {
        for (String database : List.copyOf(kept.keySet())) {
            if (!databases.contains(database)) {
                close(kept.remove(database));
            }
        }
    }

    /** How many are open that nobody uses. */
    public int size() {
        return kept.size();
    }

    private static void close(@Nullable Session session) {
        if (session != null) {
            session.close();
        }
    }

    @Override
    public void close() {
        retain(List.of());
    }
}
