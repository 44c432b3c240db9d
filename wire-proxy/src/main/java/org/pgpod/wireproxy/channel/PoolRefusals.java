package org.pgpod.wireproxy.channel;

import org.pgpod.wireproxy.pool.PoolEffect;
import org.pgpod.wireproxy.protocol.FatalError;

/** What the proxy tells clients that share server connections, besides {@link Refusals}. */
final class PoolRefusals {
    private PoolRefusals() {}

    static FatalError poolWithoutPostgres() {
        return new FatalError(
                "57P03",
                "the database system is not accepting connections",
                "The proxy cannot log in to Postgres; its log says why.",
                Refusals.BY_SERVICE);
    }

    static FatalError tooManyClients(String kind, String name) {
        return new FatalError(
                "53300",
                "too many connections for " + kind + " \"" + name + "\"",
                "The proxy lets no more of its clients in.",
                "Raise poolClientsPerDatabase or poolClientsPerUser, or connect less often.");
    }

    static FatalError noPrimaryInTime() {
        return new FatalError(
                "57P01",
                "terminating connection due to administrator command",
                "The lease of the primary has ended, and no other primary was found in time.",
                Refusals.BY_SERVICE);
    }

    static FatalError disabled(String database) {
        return new FatalError(
                "55000",
                "database \"" + database + "\" is not currently accepting connections",
                "An administrator of the proxy has disabled it.",
                "");
    }

    static FatalError killed() {
        return new FatalError(
                "57P01",
                "terminating connection due to administrator command",
                "An administrator of the proxy has ended all connections to this database.",
                "");
    }

    static FatalError noServerConnection(PoolEffect.Refusal why) {
        return switch (why) {
            case WAIT_TIMEOUT ->
                new FatalError(
                        "53300",
                        "query_wait_timeout",
                        "No server connection of the proxy became free in time.",
                        "Raise poolSize or queryWaitTimeout, or hold fewer transactions open.");
            case LOGIN_FAILED ->
                new FatalError(
                        "28000",
                        "Postgres refused a login of the proxy for this role",
                        "The proxy's log says why; the password may have changed since this client logged in.",
                        "Connect again.");
        };
    }

    static FatalError settingsNotMade() {
        return new FatalError(
                "58000",
                "the settings of this session could not be made at another server connection",
                "",
                "Settings that Postgres reports must be of plain ASCII text when server connections are shared.");
    }

    static FatalError unknownMessage(int type) {
        return FatalError.protocolViolation("invalid frontend message type " + type);
    }

    static FatalError messageTooLong() {
        return new FatalError(
                "54000",
                "a statement or a name is too long to be prepared at shared server connections",
                "",
                "Statements of the extended protocol may have 4 MiB, names 8 KiB.");
    }

    static FatalError tooManyStatements() {
        return new FatalError("53400", "too many prepared statements of one client", "", "At most 10000 are kept.");
    }
}
