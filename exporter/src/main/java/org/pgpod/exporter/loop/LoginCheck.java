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

    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);
    private static final int DOUBLINGS_MAX = 10;

    private final ServerLogin login;
    private final Duration interval;
    private final LongSupplier clockMillis;
    private final Counters counters;
    private final SharedRun run;

    private volatile Result last = new Result(Long.MIN_VALUE / 2, Optional.of("not tried yet"), 0);

    LoginCheck(ServerLogin login, Duration interval, Executor threads, LongSupplier clockMillis, Counters counters) {
        this.login = login;
        this.interval = interval;
        this.clockMillis = clockMillis;
        this.counters = counters;
        this.run = new SharedRun("login check", _ -> tryLogin(), threads, clockMillis);
    }

    /**
     * One finished try; without a failure it worked.
     *
     * @param silences how many tries in a row, this one the last, were not answered
     */
    private record Result(long endedAtMillis, Optional<String> failure, int silences) {}

    /** The try to wait for, if it is time for one. */
    Optional<SharedRun.Run> ask() {
        boolean recent = clockMillis.getAsLong() - last.endedAtMillis < pauseAfter(last);
        return recent ? run.underWay() : Optional.of(run.join());
    }

    /**
     * A refused login is tried again by every scrape: it costs nothing, and the server may be back. One that is not
     * answered occupies a connection of the server until its authentication_timeout, so it is tried ever more rarely.
     */
    private long pauseAfter(Result result) {
        if (result.silences > 0) {
            return Math.min(interval.toMillis() << Math.min(result.silences - 1, DOUBLINGS_MAX), PAUSE_MAX.toMillis());
        }
        return result.failure.isEmpty() ? interval.toMillis() : 0;
    }

    /** That logins are not answered, if it is so. */
    Optional<String> silence() {
        Result result = last;
        return result.silences > 0 ? result.failure : Optional.empty();
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
        long startedAt = clockMillis.getAsLong();
        Optional<String> failure = Optional.empty();
        try {
            login.open(SILENCE_MAX).close();
        } catch (SQLException failed) {
            failure = Optional.of(SessionFailure.describe(failed));
        }
        long endedAt = clockMillis.getAsLong();
        boolean silent = failure.isPresent() && endedAt - startedAt >= SILENCE_MAX.toMillis();
        last = new Result(endedAt, failure, silent ? last.silences + 1 : 0);
    }
}
