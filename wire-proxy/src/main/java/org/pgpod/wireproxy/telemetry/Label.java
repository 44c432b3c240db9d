package org.pgpod.wireproxy.telemetry;

/** What tells one kind of client from another in durations and sessions. */
public enum Label {
    /** As the client gave it, or the user's name where it gave none. */
    DATABASE,
    /** The role that logged in. */
    USER,
    /** {@code application_name} as Postgres last reported it. */
    APPLICATION
}
