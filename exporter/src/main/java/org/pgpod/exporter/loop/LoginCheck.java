package org.pgpod.exporter.loop;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.pgpod.exporter.collect.ServerLogin;
import org.pgpod.exporter.collect.SessionFailure;
import org.pgpod.exporter.model.OwnMetric;

/**
 * Whether a new login works, tried at a bounded rate: a kept connection goes on working when the password was changed,
 * the host-based rules forbid it or no connection is left, and would hide all of that.
 */
final class LoginCheck {
    /** A login that takes longer does not work. */
    static final Duration SILENCE_MAX = Duration.ofSeconds(2);

    private final ServerLogin login;
    private final Duration interval;
    private final LongSupplier clockMillis;
    private final Counters counters;
    private final SharedRun run;

    private volatile Result last = new Result(Long.MIN_VALUE / 2, Optional.of("not tried yet"));

    LoginCheck(ServerLogin login, Duration interval, Executor threads, LongSupplier clockMillis, Counters counters) {
        this.login = login;
        this.interval = interval;
        this.clockMillis = clockMillis;
        this.counters = counters;
        this.run = new SharedRun("login check", this::tryLogin, threads, clockMillis);
    }

    /** One finished try; without a failure it worked. */
    private record Result(long endedAtMillis, Optional<String> failure) {}

    /** The try to wait for, if it is time for one. */
    Optional<SharedRun.Run> ask() {
        boolean recent = clockMillis.getAsLong() - last.endedAtMillis < interval.toMillis();
        // A login that failed is tried again by every scrape: the server may be back.
        return recent && last.failure.isEmpty() ? run.underWay() : Optional.of(run.join());
    }

    boolean works() {
        return failure().isEmpty();
    }

    /** Why a new login does not work. */
    Optional<String> failure() {
        boolean tooLong = run.underWay()
                .filter(under -> clockMillis.getAsLong() - under.startedAtMillis() >= SILENCE_MAX.toMillis())
                .isPresent();
        return tooLong ? Optional.of("a login takes more than " + SILENCE_MAX.toSeconds() + " s") : last.failure;
    }

    private void tryLogin() {
        counters.count(OwnMetric.LOGINS);
        Optional<String> failure = Optional.empty();
        try {
            login.open(SILENCE_MAX).close();
        } catch (SQLException failed) {
            failure = Optional.of(SessionFailure.describe(failed));
        }
        last = new Result(clockMillis.getAsLong(), failure);
    }
}
