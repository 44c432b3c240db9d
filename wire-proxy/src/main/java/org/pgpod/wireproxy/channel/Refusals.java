package org.pgpod.wireproxy.channel;

import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.wireproxy.lease.LeaseView;
import org.pgpod.wireproxy.protocol.FatalError;

/** What the proxy tells clients, in Postgres's words where Postgres has some. */
final class Refusals {
    private static final String TERMINATED = "terminating connection due to administrator command";
    static final String BY_SERVICE =
            "Connect again in a moment, by the name of the Service and not by the address of the pod.";

    private Refusals() {}

    static FatalError postgresDown(Throwable cause) {
        return new FatalError(
                "57P03",
                "the database system is not accepting connections",
                "Postgres does not answer on its Unix socket: " + reason(cause) + ".",
                BY_SERVICE);
    }

    private static String reason(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        if (text.contains("refused")) {
            return "connection refused";
        }
        return text.contains("temporarily unavailable") ? "its queue is full" : "it does not run";
    }

    static FatalError cut(LeaseView view) {
        String detail = switch (view.phase()) {
            case CUT -> "Sessions of this server are being cut.";
            case CATCHUP -> "The new primary waits for its synchronous standbys.";
            case OPEN, HOLD -> "In this pod " + view.reason() + ".";
        };
        return new FatalError("57P01", TERMINATED, detail, BY_SERVICE);
    }

    static boolean holdIsOver(LeaseView view, long nowMillis) {
        return view.phase() == Phase.HOLD && !view.holdsAt(nowMillis);
    }

    static FatalError notReleasedInTime(String sqlState) {
        String message = sqlState.equals("57P01") ? TERMINATED : "the database system is not accepting connections";
        return new FatalError(sqlState, message, "A switchover did not end before its deadline.", BY_SERVICE);
    }

    static FatalError postgresEnded() {
        return new FatalError("57P01", TERMINATED, "Postgres closed the connection.", BY_SERVICE);
    }

    static FatalError stopping() {
        return new FatalError("57P01", TERMINATED, "The proxy in front of Postgres stops.", BY_SERVICE);
    }

    static FatalError tooMany() {
        return new FatalError("53300", "sorry, too many clients already", "", "");
    }

    static FatalError tooMuchWaits() {
        return new FatalError(
                "53200",
                "out of memory",
                "All clients together have sent more than may wait in the proxy.",
                "Raise waitingBytesMax, or send less while server connections are not free.");
    }

    static FatalError tlsRequired() {
        return new FatalError(
                "28000",
                "this server accepts connections with TLS only",
                "",
                "Connect with sslmode=require or stricter.");
    }

    static FatalError primaryUnreachable(String leader, Throwable cause) {
        return new FatalError(
                "57P03",
                "the database system is not accepting connections",
                "The pod of the primary, " + leader + ", cannot be reached: " + cause.getMessage() + ".",
                BY_SERVICE);
    }

    static FatalError primaryElsewhere() {
        return new FatalError(
                "57P03",
                "the database system is not accepting connections",
                "This server has handed over; another is the primary.",
                BY_SERVICE);
    }
}
