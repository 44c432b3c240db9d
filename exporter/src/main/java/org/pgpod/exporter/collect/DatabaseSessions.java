package org.pgpod.exporter.collect;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions in databases, of which some stay open between uses, never more than a given number. Those that stay are the first
 * that came: whoever goes from database to database would find none of those used last. Its threads share it; a session
 * belongs to the thread that took it until it is given back.
 */
public final class DatabaseSessions implements AutoCloseable {
    private final ServerLogin login;
    private final Supplier<Duration> silence;
    private final int keptMax;
    private final Runnable loginCounter;

    /** Those that nobody uses at the moment. Guarded by this object, as is the next field. */
    private final Map<String, Session> kept = new HashMap<>();

    private boolean closed;

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
        Session session = remove(database);
        if (session != null && answers(session)) {
            return session;
        }
        loginCounter.run();
        return Session.open(login, database, silence.get());
    }

    private synchronized @Nullable Session remove(String database) {
        return kept.remove(database);
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

    /** Keeps a session for the next use, or closes it if as many as may stay open do already. */
    public void giveBack(String database, Session session) {
        if (!keep(database, session)) {
            session.close();
        }
    }

    private synchronized boolean keep(String database, Session session) {
        return !closed && kept.size() < keptMax && kept.putIfAbsent(database, session) == null;
    }

    /** Closes the sessions in all databases but these. */
    public void retain(Collection<String> databases) {
        removeAllBut(databases).forEach(Session::close);
    }

    private synchronized List<Session> removeAllBut(Collection<String> databases) {
        List<Session> others = new ArrayList<>();
        for (String database : List.copyOf(kept.keySet())) {
            if (!databases.contains(database)) {
                others.add(Objects.requireNonNull(kept.remove(database)));
            }
        }
        return others;
    }

    /** How many are open that nobody uses. */
    public synchronized int size() {
        return kept.size();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        retain(List.of());
    }
}
