package org.pgpod.wireproxy.telemetry;

/** The two doors of the pod. */
public enum ListenerName {
    /** Where applications come in. */
    CLIENTS,
    /** Where the other pods of the cluster come in, each with its certificate. */
    PEERS
}
