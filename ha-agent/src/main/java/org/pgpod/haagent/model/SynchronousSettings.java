package org.pgpod.haagent.model;

/**
 * How commits are to be replicated.
 *
 * @param mode which standbys confirm commits
 * @param strict whether commits wait when there is no standby to confirm them, instead of going on without
 * @param nodeCount how many standbys every acknowledged commit must have reached, if there are as many
 */
public record SynchronousSettings(Mode mode, boolean strict, int nodeCount) {
    /** Commits wait for nobody. */
    public static final SynchronousSettings OFF = new SynchronousSettings(Mode.OFF, false, 1);

    /** Which standbys confirm commits. */
    public enum Mode {
        /** None: replication is asynchronous. */
        OFF,
        /** As many as are required are chosen, and every one of them confirms every commit. */
        ON,
        /** All eligible ones may, and as many as are required do. */
        QUORUM
    }

    public SynchronousSettings {
        if (nodeCount < 1) {
            throw new IllegalArgumentException("nodeCount is " + nodeCount + " and must be at least 1");
        }
    }

    /** How the record calls it. */
    public ClusterRecord.Mode recorded() {
        return mode == Mode.OFF ? ClusterRecord.Mode.ASYNC : ClusterRecord.Mode.SYNC;
    }
}
