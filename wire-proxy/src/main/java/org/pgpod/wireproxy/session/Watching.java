package org.pgpod.wireproxy.session;

import java.util.function.LongSupplier;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.Durations;
import org.pgpod.wireproxy.telemetry.StatementReports;

/**
 * What the watches of all sessions share.
 *
 * @param counters where logins are counted
 * @param durations where times go
 * @param reports what else is done with statements
 * @param texts the room for the texts of statements
 * @param nanoClock the time, as {@link System#nanoTime}
 */
public record Watching(
        Counters counters, Durations durations, StatementReports reports, TextBudget texts, LongSupplier nanoClock) {}
