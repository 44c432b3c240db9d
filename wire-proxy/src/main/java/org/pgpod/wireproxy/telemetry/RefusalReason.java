package org.pgpod.wireproxy.telemetry;

/** Why a connection did not become a session. */
public enum RefusalReason {
    /** There is no valid token, or the token gives Postgres no role. */
    NO_LEASE,
    /** The primary's lease has ended. */
    LEASE_ENDED,
    /** The token says that sessions are cut. */
    CUT,
    /** The new primary's standbys have not caught up yet. */
    CATCHUP,
    /** A switchover did not end before its deadline. */
    HOLD,
    /** As many connections as are allowed are open. */
    TOO_MANY,
    /** Clients together have sent more than may wait. */
    TOO_MUCH_WAITS,
    /** Its source opens more connections a second than one may. */
    RATE,
    /** The listener takes TLS only. */
    TLS_REQUIRED,
    /** Bytes stood between a request for encryption and its answer. */
    UNENCRYPTED_BYTES,
    /** The primary was wanted, and none is known or it is not here. */
    NO_PRIMARY,
    /** A standby was wanted, and none is fit to serve, or it is not here. */
    NO_STANDBY,
    /** The primary of another pod could not be reached. */
    PRIMARY_UNREACHABLE,
    /** Somebody has closed its database to new clients. */
    DISABLED,
    /** The client did not prove its password, or none is stored by which it could. */
    AUTHENTICATION,
    /** It showed no certificate, or one of another role. */
    CERTIFICATE,
    /** The password could not be looked up. */
    PASSWORD_UNKNOWN,
    /** The first packet made no sense or was malformed. */
    MALFORMED,
    /** The client did not log in in time. */
    LOGIN_TIMEOUT,
    /** Postgres does not listen on its socket. */
    POSTGRES_DOWN,
    /** The proxy ends. */
    STOPPING
}
