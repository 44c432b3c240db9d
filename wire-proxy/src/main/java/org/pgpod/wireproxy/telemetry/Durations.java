package org.pgpod.wireproxy.telemetry;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * How long things take, as histograms with the labels that were chosen, and how many sessions are in which state. Nothing
 * here is asked for a clock: times come from who measures them.
 */
public final class Durations {
    private static final String COMMAND = "command";
    private static final String STATE = "state";

    private final LabelSets<Series> series;
    private final DurationHistogram statements;
    private final DurationHistogram transactions;
    private final DurationHistogram logins;
    private final DurationHistogram handshakeHistogram;
    private final DurationPoint tlsHandshakes;
    private final DurationHistogram waitHistogram;
    private final DurationPoint serverWaits;
    private final GaugeWithCallback states;

    /** Histograms with these labels, each of which has at most {@code valuesMax} values. */
    public Durations(Set<Label> labels, int valuesMax) {
        this.series = new LabelSets<>(labels, valuesMax, values -> new Series(this, values));
        List<String> names = series.shown().stream()
                .map(label -> label.name().toLowerCase(Locale.ROOT))
                .toList();
        this.statements = histogram(
                "statement_duration",
                "From a client's Query or Execute until its answer is complete",
                with(names, COMMAND));
        this.transactions = histogram(
                "transaction_duration", "From the first message of a transaction until Postgres is idle again", names);
        this.logins = histogram(
                "login_duration", "From the startup packet until Postgres is ready for the first query", names);
        this.handshakeHistogram =
                histogram("tls_handshake_duration", "From the client's request until TLS is agreed on", List.of());
        this.tlsHandshakes = handshakeHistogram.point(List.of());
        this.waitHistogram = histogram(
                "server_wait", "From a session's wish for a connection to Postgres until it has one", List.of());
        this.serverWaits = waitHistogram.point(List.of());
        this.states = GaugeWithCallback.builder()
                .name("pgpod_proxy_sessions_by_state")
                .help("Sessions that have logged in, by what they are doing")
                .labelNames(with(names, STATE).toArray(String[]::new))
                .callback(shown -> series.all().forEach((values, one) -> show(shown, values, one)))
                .build();
    }

    private static List<String> with(List<String> names, String last) {
        List<String> all = new ArrayList<>(names);
        all.add(last);
        return List.copyOf(all);
    }

    private static DurationHistogram histogram(String noun, String help, List<String> labels) {
        return new DurationHistogram("pgpod_proxy_" + noun + "_seconds", help, labels);
    }

    private static void show(GaugeWithCallback.Callback shown, List<String> values, Series one) {
        for (Series.State state : Series.State.values()) {
            shown.call(
                    (double) one.sessions(state),
                    with(values, state.name().toLowerCase(Locale.ROOT)).toArray(String[]::new));
        }
    }

    /** Shows them all. */
    public void register(PrometheusRegistry registry) {
        registry.register(statements);
        registry.register(transactions);
        registry.register(logins);
        registry.register(handshakeHistogram);
        registry.register(waitHistogram);
        registry.register(states);
    }

    /** The series of a session whose user Postgres has admitted. */
    public Series of(String database, String user, String application) {
        return series.of(database, user, application);
    }

    public void tlsHandshake(long nanos) {
        tlsHandshakes.observe(nanos);
    }

    /** A session that asked for a connection to Postgres has got one after this time. */
    public void serverWait(long nanos) {
        serverWaits.observe(nanos);
    }

    DurationHistogram statements() {
        return statements;
    }

    DurationHistogram transactions() {
        return transactions;
    }

    DurationHistogram logins() {
        return logins;
    }
}
