package org.pgpod.exporter.model;

/** What a server is at the moment of a collection. */
public enum Role {
    PRIMARY,
    STANDBY
}
