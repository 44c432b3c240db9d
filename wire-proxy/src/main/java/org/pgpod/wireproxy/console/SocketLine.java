package org.pgpod.wireproxy.console;

/**
 * One client or server connection at this moment.
 *
 * @param state in PgBouncer's words
 * @param connectedMillis how long ago it was made
 * @param requestedMillis how long ago it was last asked for something
 * @param waitingMillis for how long the client has waited; 0 for who does not wait
 * @param closeNeeded whether it is closed once it is released
 * @param number what tells it from others
 * @param link the number of what it is linked to, or empty
 */
public record SocketLine(
        String user,
        String database,
        String state,
        Endpoint remote,
        Endpoint local,
        long connectedMillis,
        long requestedMillis,
        long waitingMillis,
        boolean closeNeeded,
        String number,
        String link,
        int remotePid,
        String tls,
        String applicationName) {
    /** One end of a connection; a Unix socket has the port 0. */
    public record Endpoint(String address, int port) {}
}
