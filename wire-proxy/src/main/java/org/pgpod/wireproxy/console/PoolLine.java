package org.pgpod.wireproxy.console;

/**
 * All server connections and pooled clients of one database and role at this moment.
 *
 * @param clientsActive clients that are served or ask for nothing
 * @param clientsWaiting clients that wait for a server connection
 * @param cancelling cancel requests on their way to Postgres
 * @param serversActive server connections that serve a client
 * @param serversAwaitingCancel those of them that wait for nothing but a cancel request to be over
 * @param serversIdle those that may be used
 * @param serversResetting those that are brought back to the state after login
 * @param serversOpening those that log in
 * @param longestWaitMillis how long the first waiting client has waited
 */
public record PoolLine(
        String database,
        String user,
        int clientsActive,
        int clientsWaiting,
        int cancelling,
        int serversActive,
        int serversAwaitingCancel,
        int serversIdle,
        int serversResetting,
        int serversOpening,
        long longestWaitMillis) {
    /** Nobody and nothing, yet. */
    public static PoolLine of(String database, String user) {
        return new PoolLine(database, user, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    /** Both, under the name of this one. */
    public PoolLine plus(PoolLine other) {
        return new PoolLine(
                database,
                user,
                clientsActive + other.clientsActive,
                clientsWaiting + other.clientsWaiting,
                cancelling + other.cancelling,
                serversActive + other.serversActive,
                serversAwaitingCancel + other.serversAwaitingCancel,
                serversIdle + other.serversIdle,
                serversResetting + other.serversResetting,
                serversOpening + other.serversOpening,
                Math.max(longestWaitMillis, other.longestWaitMillis));
    }

    /** Server connections in any state. */
    public int servers() {
        return serversActive + serversIdle + serversResetting + serversOpening;
    }
}
