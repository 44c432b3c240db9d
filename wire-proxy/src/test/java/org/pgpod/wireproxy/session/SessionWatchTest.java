package org.pgpod.wireproxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.wireproxy.protocol.BackendWalker;
import org.pgpod.wireproxy.protocol.CommandTag;
import org.pgpod.wireproxy.protocol.FrontendWalker;
import org.pgpod.wireproxy.protocol.Severity;
import org.pgpod.wireproxy.protocol.SqlState;
import org.pgpod.wireproxy.telemetry.Counters;
import org.pgpod.wireproxy.telemetry.Durations;
import org.pgpod.wireproxy.telemetry.Label;
import org.pgpod.wireproxy.telemetry.StatementReports;
import org.pgpod.wireproxy.telemetry.Who;

/** Durations are those of what the client asked for, however it pipelines; the clock here ticks when it is told to. */
class SessionWatchTest {
    private static final long SECOND = 1_000_000_000L;

    private final Counters counters = new Counters();
    private final Durations durations = new Durations(EnumSet.allOf(Label.class), 20);
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final TextBudget texts = new TextBudget();
    private long nanos;
    private final SessionWatch watch = watch(durations);

    SessionWatchTest() {
        durations.register(registry);
    }

    private SessionWatch watch(Durations to) {
        return new SessionWatch(
                new Watching(counters, to, StatementReports.none(), texts, () -> nanos),
                new Who("shop", "ann", "", ""),
                Counters.Encryption.TLS);
    }

    private void seconds(int seconds) {
        nanos += seconds * SECOND;
    }

    private void send(String types) {
        types.chars().forEach(type -> watch.clientMessage((byte) type));
    }

    private void logIn() {
        watch.authenticated();
        watch.readyForQuery((byte) 'I');
    }

    private String shown() {
        try {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            PrometheusTextFormatWriter.create().write(text, registry.scrape());
            return text.toString(StandardCharsets.UTF_8);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** The value of a line that begins like this; 0 when there is none. */
    private double value(String begin) {
        return shown().lines()
                .filter(line -> line.startsWith("pgpod_proxy_" + begin + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private double sum(String command) {
        return value("statement_duration_seconds_sum{application=\"\",command=\"" + command
                + "\",database=\"shop\",user=\"ann\"}");
    }

    private double count(String command) {
        return value("statement_duration_seconds_count{application=\"\",command=\"" + command
                + "\",database=\"shop\",user=\"ann\"}");
    }

    private double transactions(String what) {
        return value("transaction_duration_seconds_" + what + "{application=\"\",database=\"shop\",user=\"ann\"}");
    }

    private double sessions(String state) {
        return value("sessions_by_state{application=\"\",database=\"shop\",state=\"" + state + "\",user=\"ann\"}");
    }

    @Test
    void aQueryTakesFromItsMessageToItsAnswer() {
        logIn();
        seconds(100);
        send("Q");
        seconds(2);
        watch.commandComplete(CommandTag.SELECT);
        seconds(1);
        watch.commandComplete(CommandTag.INSERT);
        seconds(4);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("select")).isEqualTo(2);
        assertThat(sum("insert")).isEqualTo(1);
        assertThat(transactions("sum")).isEqualTo(7);
        assertThat(transactions("count")).isEqualTo(1);
    }

    @Test
    void aPipelineIsTimedStatementByStatement() {
        logIn();
        send("PBDE");
        seconds(1);
        send("BES");
        seconds(1);
        send("PBES");
        watch.commandComplete(CommandTag.UPDATE);
        seconds(1);
        watch.commandComplete(CommandTag.DELETE);
        watch.readyForQuery((byte) 'I');
        seconds(3);
        watch.commandComplete(CommandTag.SELECT);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("update")).isEqualTo(2);
        assertThat(sum("delete")).isEqualTo(2);
        assertThat(sum("select")).isEqualTo(4);
        assertThat(transactions("count")).isEqualTo(2);
        assertThat(sessions("idle")).isEqualTo(1);
    }

    @Test
    void anErrorEndsItsStatementAndThoseThatPostgresSkips() {
        logIn();
        send("PBEPBES");
        send("PBES");
        seconds(1);
        watch.error(SqlState.packed("42601"), Severity.ERROR);
        watch.readyForQuery((byte) 'I');
        seconds(1);
        watch.commandComplete(CommandTag.SELECT);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("failed")).isEqualTo(1);
        assertThat(count("failed")).isEqualTo(1);
        assertThat(sum("select")).isEqualTo(2);
    }

    @Test
    void aBlockIsOneTransactionFromBeginToCommit() {
        logIn();
        send("Q");
        watch.commandComplete(CommandTag.BEGIN);
        watch.readyForQuery((byte) 'T');
        assertThat(sessions("idle_in_transaction")).isEqualTo(1);
        seconds(5);
        send("Q");
        assertThat(sessions("active")).isEqualTo(1);
        watch.commandComplete(CommandTag.COMMIT);
        watch.readyForQuery((byte) 'I');
        assertThat(transactions("sum")).isEqualTo(5);
        assertThat(transactions("count")).isEqualTo(1);
        assertThat(sessions("idle")).isEqualTo(1);
        watch.ended();
        assertThat(sessions("idle")).isZero();
    }

    @Test
    void copyByTheExtendedProtocolEndsWithTheSyncBehindIt() {
        logIn();
        send("PBES");
        watch.copyInStarted();
        seconds(3);
        send("ddcS");
        watch.commandComplete(CommandTag.OTHER);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("other")).isEqualTo(3);
        assertThat(sessions("idle")).isEqualTo(1);
        send("Q");
        seconds(1);
        watch.commandComplete(CommandTag.SELECT);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("select")).isEqualTo(1);
    }

    @Test
    void aDeeperPipelineThanIsTimedCostsItsTimesAndNoMore() {
        logIn();
        for (int i = 0; i < Unanswered.ENTRIES_MAX + 5; i++) {
            send("E");
        }
        send("S");
        for (int i = 0; i < Unanswered.ENTRIES_MAX + 5; i++) {
            watch.commandComplete(CommandTag.INSERT);
        }
        watch.readyForQuery((byte) 'I');
        assertThat(count("insert")).isZero();
        assertThat(counters.statementsUntimed.sum()).isEqualTo(6);
        send("Q");
        seconds(1);
        watch.commandComplete(CommandTag.SELECT);
        watch.readyForQuery((byte) 'I');
        assertThat(sum("select")).isEqualTo(1);
    }

    @Test
    void whoIsNotAdmittedGetsNoSeriesAndKeepsNothing() {
        send("Q".repeat(100));
        watch.error(SqlState.packed("28P01"), Severity.FATAL);
        watch.ended();
        assertThat(shown()).doesNotContain("shop");
        assertThat(counters.logins(Counters.Encryption.TLS).sum()).isZero();
    }

    @Test
    void aLoginTakesUntilPostgresIsReady() {
        seconds(3);
        logIn();
        assertThat(value("login_duration_seconds_sum{application=\"\",database=\"shop\",user=\"ann\"}"))
                .isEqualTo(3);
        assertThat(counters.logins(Counters.Encryption.TLS).sum()).isEqualTo(1);
    }

    @Test
    void anotherApplicationNameMovesTheSession() {
        logIn();
        watch.applicationName("nightly");
        assertThat(sessions("idle")).isZero();
        assertThat(shown()).contains("application=\"nightly\",database=\"shop\",state=\"idle\",user=\"ann\"} 1.0");
    }

    @Test
    void labelsHaveABoundAndOneForTheRest() {
        Durations few = new Durations(Set.of(Label.APPLICATION), 3);
        PrometheusRegistry own = new PrometheusRegistry();
        few.register(own);
        for (int i = 0; i < 50; i++) {
            few.of("d", "u", "application " + i).login(SECOND);
        }
        long shown = own.scrape().stream()
                .filter(metric -> metric.getMetadata().getPrometheusName().contains("login"))
                .flatMap(metric -> metric.getDataPoints().stream())
                .count();
        assertThat(shown).isEqualTo(4);
        assertThat(few.of("d", "u", "x".repeat(500))).isSameAs(few.of("d", "u", "application 49"));
    }

    /** A query, its row, its answer; with both protocols. */
    private static ByteBuf answers() {
        ByteBuf bytes = Unpooled.buffer();
        for (int i = 0; i < 2; i++) {
            message(bytes, 'D', "row");
            message(bytes, 'C', "SELECT 1\0");
            message(bytes, 'Z', "I");
        }
        return bytes;
    }

    private static ByteBuf questions() {
        ByteBuf bytes = Unpooled.buffer();
        message(bytes, 'Q', "select 1\0");
        message(bytes, 'B', "\0\0\0\0\0\0\0\0");
        message(bytes, 'E', "\0\0\0\0\0");
        message(bytes, 'S', "");
        return bytes;
    }

    private static void message(ByteBuf stream, char type, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.ISO_8859_1);
        stream.writeByte(type).writeInt(4 + bytes.length).writeBytes(bytes);
    }

    @Test
    void nothingIsAllocatedPerMessage() {
        logIn();
        Observers observers = new Observers(new Conversation(counters), watch);
        observers.readyForQuery((byte) 'I');
        FrontendWalker client = new FrontendWalker(observers);
        BackendWalker postgres = BackendWalker.watchingCommits(observers);
        ByteBuf questions = questions();
        ByteBuf answers = answers();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Long.MAX_VALUE;
        // What the compiler and the classes allocate while they warm up is not the relay's.
        for (int round = 0; round < 20 && allocated > 0; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                nanos += 1_000;
                client.walk(questions);
                postgres.walk(answers);
            }
            long after = threads.getCurrentThreadAllocatedBytes();
            allocated = (after - before) / 20_000;
        }
        assertThat(allocated).as("bytes per two queries").isZero();
        assertThat(count("select")).isGreaterThanOrEqualTo(40_000);
    }
}
