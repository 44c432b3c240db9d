package org.pgpod.wireproxy.console;

/**
 * What the clients of one database have done, since the proxy started or within some time.
 *
 * @param received bytes from clients
 * @param sent bytes to clients
 * @param transactionNanos time within transactions
 * @param queryNanos time in which Postgres worked or its answer was on its way
 * @param waitNanos time for which clients waited for a server connection
 */
public record Traffic(
        long transactions,
        long queries,
        long received,
        long sent,
        long transactionNanos,
        long queryNanos,
        long waitNanos) {
    public static final Traffic NONE = new Traffic(0, 0, 0, 0, 0, 0, 0);

    public Traffic plus(Traffic other) {
        return new Traffic(
                transactions + other.transactions,
                queries + other.queries,
                received + other.received,
                sent + other.sent,
                transactionNanos + other.transactionNanos,
                queryNanos + other.queryNanos,
                waitNanos + other.waitNanos);
    }

    public Traffic minus(Traffic earlier) {
        return new Traffic(
                transactions - earlier.transactions,
                queries - earlier.queries,
                received - earlier.received,
                sent - earlier.sent,
                transactionNanos - earlier.transactionNanos,
                queryNanos - earlier.queryNanos,
                waitNanos - earlier.waitNanos);
    }
}
