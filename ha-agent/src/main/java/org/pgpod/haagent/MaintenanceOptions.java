package org.pgpod.haagent;

import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.model.MaintenanceSettings;
import org.pgpod.haagent.model.MaintenanceSettings.PendingRestarts;
import org.pgpod.haagent.model.MaintenanceWindow;

/** When the agent may disturb clients although nothing is wrong. */
final class MaintenanceOptions {
    static final Option<MaintenanceWindow> WINDOW = Options.of(
                    "maintenanceWindow",
                    MaintenanceWindow.FORM + ", or empty for at any time",
                    "When a preferred member may be given the primary (`preferenceDelay`), and servers may be restarted"
                            + " (`pendingRestarts`). Nothing that people ask for, and nothing that is due to a fault or a"
                            + " drain, waits for it.",
                    MaintenanceWindow::parse)
            .withDefault("");
    static final Option<PendingRestarts> PENDING = Options.choice(
                    "pendingRestarts",
                    PendingRestarts.class,
                    "Whether parameters that wait for a restart wait for a person (on-request), or servers are restarted in"
                            + " `maintenanceWindow`, standbys first and the primary by a switchover (in-window).")
            .withDefault("on-request");

    private MaintenanceOptions() {}

    static MaintenanceSettings from(Values values) {
        return new MaintenanceSettings(values.get(WINDOW), values.get(PENDING));
    }

    /** What contradicts itself; empty when nothing does. */
    static Optional<String> problem(Values values) {
        return values.get(PENDING) == PendingRestarts.IN_WINDOW
                        && values.get(WINDOW).equals(MaintenanceWindow.ALWAYS)
                ? Optional.of(
                        "haAgent.pendingRestarts is in-window, and haAgent.maintenanceWindow is empty; it must be "
                                + MaintenanceWindow.FORM)
                : Optional.empty();
    }
}
