package org.pgpod.wireproxy.channel;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.pgpod.wireproxy.auth.ScramKeys;
import org.pgpod.wireproxy.lease.Caller;
import org.pgpod.wireproxy.lease.Standing;
import org.pgpod.wireproxy.pool.PoolKey;

/**
 * Has Postgres itself decide whether a role may come in. Logins with the same keys and parameters at the same moment are
 * one, and its result counts for {@link #ADMISSION_MILLIS}; while a database is paused nobody is logged in to it. Confined
 * to its event loop.
 */
final class PoolAdmission {
    /** For so long a role that Postgres has admitted is let in again with the same password. */
    private static final long ADMISSION_MILLIS = 1_000;

    /** Whether a client may come in. */
    sealed interface Entry {
        /** Postgres lets the role in, and reports these settings. */
        record Admitted(Map<String, String> settings) implements Entry {}

        /** Postgres says why not: an ErrorResponse, which need not be released. */
        record Refused(ByteBuf error) implements Entry {}

        /** Somebody has closed the database to new clients. */
        record Disabled() implements Entry {}

        record Failed(String reason) implements Entry {}
    }

    private record Admission(ScramKeys keys, Entry.Admitted entry, long atMillis) {}

    private record Applicant(PoolKey key, ScramKeys keys) {}

    private record Postponed(Applicant applicant, Consumer<Entry> listener) {}

    private final Surroundings surroundings;
    private final Pooling pooling;
    private final EventLoop loop;
    private final LoopPools pools;
    private final Map<PoolKey, Admission> admissions = new HashMap<>();
    private final Map<Applicant, List<Consumer<Entry>>> asking = new HashMap<>();
    private final List<Postponed> postponed = new ArrayList<>();
    private final Set<String> disabled = new HashSet<>();

    PoolAdmission(Surroundings surroundings, Pooling pooling, EventLoop loop, LoopPools pools) {
        this.surroundings = surroundings;
        this.pooling = pooling;
        this.loop = loop;
        this.pools = pools;
    }

    private long now() {
        return surroundings.lease().nowMillis();
    }

    /** Asks; {@code listener} hears once, perhaps at once. */
    void enter(PoolKey key, ScramKeys keys, Consumer<Entry> listener) {
        if (disabled.contains(key.database())) {
            listener.accept(new Entry.Disabled());
            return;
        }
        Admission known = admissions.get(key);
        if (known != null && known.keys().equals(keys) && now() - known.atMillis() < ADMISSION_MILLIS) {
            listener.accept(known.entry());
            return;
        }
        Applicant applicant = new Applicant(key, keys);
        List<Consumer<Entry>> listeners = asking.get(applicant);
        if (listeners != null) {
            listeners.add(listener);
        } else if (pools.isPaused(key.database())) {
            postponed.add(new Postponed(applicant, listener));
        } else {
            ask(applicant, listener);
        }
    }

    private void ask(Applicant applicant, Consumer<Entry> listener) {
        asking.put(applicant, new ArrayList<>(List.of(listener)));
        Standing standing = new Standing(Caller.CLIENT, surroundings.lease().view());
        BackendLogin.begin(
                surroundings,
                loop,
                LoopPools.startup(applicant.key()),
                applicant.keys(),
                pooling.loginLimit(),
                result -> entered(applicant, standing, result));
    }

    private void entered(Applicant applicant, Standing standing, BackendLogin.Result result) {
        Entry entry = switch (result) {
            case BackendLogin.Result.LoggedIn loggedIn -> {
                Entry.Admitted admitted =
                        new Entry.Admitted(loggedIn.connection().parameters());
                admissions.put(applicant.key(), new Admission(applicant.keys(), admitted, now()));
                pools.keep(applicant.key(), applicant.keys(), loggedIn.connection(), standing);
                yield admitted;
            }
            case BackendLogin.Result.Refused refused -> new Entry.Refused(refused.error());
            case BackendLogin.Result.Failed failed -> new Entry.Failed(failed.reason());
        };
        List<Consumer<Entry>> listeners = asking.remove(applicant);
        if (listeners != null) {
            listeners.forEach(listener -> listener.accept(entry));
        }
    }

    /** Logins under way at a database of this kind. */
    int asking(Predicate<String> databases) {
        return (int) asking.keySet().stream()
                .filter(applicant -> databases.test(applicant.key().database()))
                .count();
    }

    /** A pause has been taken back. */
    void resume() {
        List<Postponed> again = List.copyOf(postponed);
        postponed.clear();
        again.forEach(one -> enter(one.applicant().key(), one.applicant().keys(), one.listener()));
    }

    void disable(String database) {
        disabled.add(database);
    }

    void enable(String database) {
        disabled.remove(database);
    }

    Set<String> disabled() {
        return disabled;
    }

    /** Time has passed. */
    void tick() {
        admissions.values().removeIf(admission -> now() - admission.atMillis() >= ADMISSION_MILLIS);
    }

    /** Whoever comes from now on is judged anew. */
    void clear() {
        admissions.clear();
    }
}
