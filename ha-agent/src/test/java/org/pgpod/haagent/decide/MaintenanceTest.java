package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerReport;

/** Whose turn it is to restart for parameters: standbys by name, then the primary; nobody's while anybody is missing. */
class MaintenanceTest {
    private static final ServerReport WAITS = report("shared_buffers", "128MB", "256MB");

    private static ServerReport report(String name, String from, String to) {
        return new ServerReport(
                SensitiveValues.UNKNOWN, new TreeMap<>(Map.of(name, new ServerReport.Change(from, to))));
    }

    private static Given standby() {
        return new Given()
                .changed(0, json -> json.put("role", "primary"))
                .changed(2, json -> json.put("state", "streaming"));
    }

    private static Given primary() {
        return new Given()
                .mine()
                .changed(0, json -> json.put("state", "streaming"))
                .changed(2, json -> json.put("state", "streaming"));
    }

    private static void pending(Given given, int number) {
        MemberSighting before = given.members.get(number);
        given.members.set(
                number,
                new MemberSighting(before.status().reporting(WAITS), before.resourceVersion(), before.changedMillis()));
    }

    private static Optional<Maintenance.Turn> turn(Given given, ServerReport own) {
        return Maintenance.turn(given.observation(), own);
    }

    @Test
    void standbysGoInTheOrderOfTheirNames() {
        Given given = standby();
        assertThat(turn(given, WAITS)).contains(new Maintenance.Turn.Restart());
        assertThat(turn(given, ServerReport.NONE)).isEmpty();
        pending(given, 2);
        assertThat(turn(given, WAITS)).as("demo-2 comes later").contains(new Maintenance.Turn.Restart());
        given.changed(2, json -> json.put("pod", "demo-00"));
        pending(given, 2);
        assertThat(turn(given, WAITS)).as("demo-00 comes first").isEmpty();
    }

    @Test
    void aPrimaryThatWaitsDoesNotHoldItsStandbysUp() {
        Given given = standby();
        pending(given, 0);
        assertThat(turn(given, WAITS)).contains(new Maintenance.Turn.Restart());
    }

    @Test
    void thePrimaryHandsOverOnceItsStandbysAreDone() {
        Given given = primary();
        pending(given, 2);
        assertThat(turn(given, WAITS)).isEmpty();
        assertThat(turn(primary(), WAITS)).contains(new Maintenance.Turn.HandOver("demo-0"));
        assertThat(turn(primary(), report("max_connections", "100", "200")))
                .contains(new Maintenance.Turn.HandOver("demo-0"));
    }

    @Test
    void aCutOfWhatStandbysDependOnIsMadeInPlace() {
        assertThat(turn(primary(), report("max_connections", "200", "100"))).contains(new Maintenance.Turn.Restart());
        assertThat(turn(primary(), report("shared_buffers", "200", "100")))
                .contains(new Maintenance.Turn.HandOver("demo-0"));
    }

    @Test
    void whoIsAloneRestartsInPlace() {
        Given given = primary();
        given.members.remove(2);
        given.members.remove(0);
        assertThat(turn(given, WAITS)).contains(new Maintenance.Turn.Restart());
    }

    @Test
    void nobodyRestartsWhileNotAllIsWell() {
        disturbed(given -> given.silent(2));
        disturbed(given -> given.changed(2, json -> json.put("state", "running")));
        disturbed(given -> given.changed(2, json -> json.put("destroying", "clone")));
        disturbed(given -> given.record(next -> next.pause(true)));
        disturbed(given -> given.listedMillis = Given.NOW - 6_000);
        disturbed(given -> given.membersSeen = false);
        disturbed(given -> given.asked(new Request.Restart("r")));
        disturbed(given -> given.databaseSeen = false);
        Given behind = standby();
        behind.database = Given.standby(2, Given.END, DatabaseFacts.Receiver.NONE, false);
        assertThat(turn(behind, WAITS)).isEmpty();
        assertThat(turn(standby().silent(0), WAITS)).as("no primary").isEmpty();
    }

    private static void disturbed(Consumer<Given> change) {
        Given leading = primary();
        change.accept(leading);
        assertThat(turn(leading, WAITS)).isEmpty();
        Given following = standby();
        change.accept(following);
        assertThat(turn(following, WAITS)).isEmpty();
    }
}
