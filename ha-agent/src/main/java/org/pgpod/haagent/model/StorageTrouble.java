package org.pgpod.haagent.model;

/** What is wrong with a member's volume, as others and people are told. */
public enum StorageTrouble {
    /** There is no room for more WAL, or next to none. */
    FULL,
    /** Writes fail, or the file system has become read-only. */
    FAILING,
    /** A write neither succeeds nor fails. */
    STUCK
}
