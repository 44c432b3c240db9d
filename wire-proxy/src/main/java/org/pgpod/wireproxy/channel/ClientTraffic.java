package org.pgpod.wireproxy.channel;

import java.util.function.LongSupplier;
import org.pgpod.wireproxy.telemetry.Counters;

/** Counts what one pooled client does, for its database and for all. Confined to its event loop. */
final class ClientTraffic {
    private static final long UNSET = Long.MIN_VALUE;
    private static final byte IDLE = 'I';

    private final DatabaseTraffic.Meter meter;
    private final Counters counters;
    private final LongSupplier nanoClock;
    private final long beganNanos;
    private long wantedNanos = UNSET;
    private long transactionNanos = UNSET;
    private long queryNanos = UNSET;
    private long askedNanos;

    ClientTraffic(DatabaseTraffic.Meter meter, Counters counters, LongSupplier nanoClock) {
        this.meter = meter;
        this.counters = counters;
        this.nanoClock = nanoClock;
        this.beganNanos = nanoClock.getAsLong();
        this.askedNanos = beganNanos;
    }

    void received(int bytes) {
        counters.bytesFromClients.add(bytes);
        meter.received += bytes;
    }

    void sent(int bytes) {
        counters.bytesFromPostgres.add(bytes);
        meter.sent += bytes;
    }

    /** It wishes for a server connection. */
    void serverWanted() {
        askedNanos = nanoClock.getAsLong();
        wantedNanos = askedNanos;
    }

    /** It has got one. */
    void serverReached() {
        meter.waitNanos += nanoClock.getAsLong() - wantedNanos;
    }

    /** A message of it goes to Postgres. */
    void asked() {
        if (queryNanos == UNSET) {
            queryNanos = nanoClock.getAsLong();
            askedNanos = queryNanos;
            transactionNanos = transactionNanos == UNSET ? queryNanos : transactionNanos;
        }
    }

    /** Postgres is ready for the next query, which it may have got already. */
    void answered(byte status, boolean nothingDue) {
        if (queryNanos != UNSET) {
            long now = nanoClock.getAsLong();
            meter.queries++;
            meter.queryNanos += now - queryNanos;
            queryNanos = nothingDue ? UNSET : now;
            if (status == IDLE) {
                meter.transactions++;
                meter.transactionNanos += now - transactionNanos;
                transactionNanos = queryNanos;
            }
        }
    }

    /** How long the client has been let in. */
    long ageNanos() {
        return nanoClock.getAsLong() - beganNanos;
    }

    /** How long ago it last asked for something. */
    long sinceAskedNanos() {
        return nanoClock.getAsLong() - askedNanos;
    }
}
