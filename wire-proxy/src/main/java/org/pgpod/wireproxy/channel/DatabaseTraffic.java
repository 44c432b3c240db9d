package org.pgpod.wireproxy.channel;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.pgpod.wireproxy.console.Traffic;

/** What the pooled clients of each database have done on one event loop, to which it is confined. */
final class DatabaseTraffic {
    /** What averages are taken of. */
    static final long PERIOD_MILLIS = 60_000;

    /** Databases that are told apart; the traffic of further ones is counted together. */
    private static final int DATABASES_MAX = 1_000;

    private static final String FURTHER = "(others)";

    /** Counts what the clients of one database do. */
    static final class Meter {
        private Traffic before = Traffic.NONE;
        private Traffic period = Traffic.NONE;

        long transactions;
        long queries;
        long received;
        long sent;
        long transactionNanos;
        long queryNanos;
        long waitNanos;

        Traffic total() {
            return new Traffic(transactions, queries, received, sent, transactionNanos, queryNanos, waitNanos);
        }

        /** What was done in the last complete period. */
        Traffic period() {
            return period;
        }

        private void endPeriod() {
            Traffic total = total();
            period = total.minus(before);
            before = total;
        }
    }

    private final Map<String, Meter> meters = new HashMap<>();
    private long periodEndsAt;

    /** The meter of this database, into which Postgres has let a client. */
    Meter of(String database) {
        boolean known = meters.containsKey(database) || meters.size() < DATABASES_MAX;
        return meters.computeIfAbsent(known ? database : FURTHER, unseen -> new Meter());
    }

    /** The databases there is a meter for. */
    Set<String> databases() {
        return meters.keySet();
    }

    /** Time has passed. */
    void tick(long nowMillis) {
        if (nowMillis >= periodEndsAt) {
            meters.values().forEach(Meter::endPeriod);
            periodEndsAt = nowMillis + PERIOD_MILLIS;
        }
    }
}
