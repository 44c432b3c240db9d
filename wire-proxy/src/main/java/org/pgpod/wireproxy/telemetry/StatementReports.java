package org.pgpod.wireproxy.telemetry;

import io.prometheus.metrics.model.snapshots.Labels;

/** Takes statements that ended, on the event loops: it must neither wait nor throw. */
public interface StatementReports {
    /** Whether anything is done with statements; if not, none is made. */
    boolean wanted();

    /** Takes one; the result is what an exemplar of its duration should carry, empty for none. */
    Labels finished(FinishedStatement statement);

    /** Takes nothing. */
    static StatementReports none() {
        return new StatementReports() {
            @Override
            public boolean wanted() {
                return false;
            }

            @Override
            public Labels finished(FinishedStatement statement) {
                return Labels.EMPTY;
            }
        };
    }
}
