package org.pgpod.haagent.model;

/**
 * What the agent may do by itself that disturbs clients although nothing is wrong, and when.
 *
 * @param window when a preferred member may be given the primary, and servers may be restarted for their parameters
 */
public record MaintenanceSettings(MaintenanceWindow window, PendingRestarts pendingRestarts) {
    /** Preferred members at any time, restarts never. */
    public static final MaintenanceSettings STANDARD =
            new MaintenanceSettings(MaintenanceWindow.ALWAYS, PendingRestarts.ON_REQUEST);

    /** What becomes of parameters that wait for a restart. */
    public enum PendingRestarts {
        /** They wait for a person. */
        ON_REQUEST,
        /** Servers are restarted in the window, standbys first. */
        IN_WINDOW
    }
}
