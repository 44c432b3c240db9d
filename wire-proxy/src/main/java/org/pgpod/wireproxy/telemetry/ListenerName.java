package org.pgpod.wireproxy.telemetry;

/** The doors of the pod. */
public enum ListenerName {
    /** Where applications come in. */
    CLIENTS,
    /** Where applications reach the primary, whichever pod it is in. */
    PRIMARY,
    /** Where applications reach a standby, in whichever pod there is one. */
    STANDBYS,
    /** Where the other pods of the cluster come in, each with its certificate. */
    PEERS
}
