package org.pgpod.haagent.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SynchronousSet;
import org.pgpod.haagent.model.SynchronousSettings;

/** Standbys come and go, every decision is carried out, and rule R11 holds after each. */
class SynchronyWalkTest {
    @Test
    void whateverTheOrderOfChangesEverySetInEffectKeepsTheRecord() {
        List<MemberName> all = List.of(SynchronyTest.ZERO, SynchronyTest.TWO);
        List<Set<MemberName>> presence = List.of(
                Set.of(SynchronyTest.ZERO, SynchronyTest.TWO),
                Set.of(SynchronyTest.ZERO),
                Set.of(SynchronyTest.TWO),
                Set.of());
        for (SynchronousSettings.Mode mode : SynchronousSettings.Mode.values()) {
            for (int nodes = 1; nodes <= 2; nodes++) {
                for (Set<MemberName> before : presence) {
                    for (Set<MemberName> after : presence) {
                        new Walk(mode, nodes, all).through(before, after);
                    }
                }
            }
        }
    }

    /** Carries every decision out, and checks rule R11 after each. */
    private static final class Walk {
        private static final int STEPS = 60;
        private final SynchronyTest test = new SynchronyTest();
        private final List<MemberName> all;

        Walk(SynchronousSettings.Mode mode, int nodes, List<MemberName> all) {
            this.all = all;
            test.wanted(mode, false, nodes);
        }

        void through(Set<MemberName> before, Set<MemberName> after) {
            streaming(before);
            Decision settled = run();
            assertThat(settled.action()).isInstanceOf(Action.Nothing.class);
            assertThat(test.given.record.voters()).isSubsetOf(before);
            streaming(after);
            assertThat(run().action()).isInstanceOf(Action.Nothing.class);
            assertThat(test.given.record.voters()).isSubsetOf(after);
            boolean synchronous = test.given.settings.synchronous().mode() != SynchronousSettings.Mode.OFF;
            assertThat(test.given.record.voters().isEmpty()).isEqualTo(!synchronous || after.isEmpty());
        }

        private void streaming(Set<MemberName> present) {
            List<DatabaseFacts.Sender> senders = new ArrayList<>();
            for (MemberName one : all) {
                if (present.contains(one)) {
                    senders.add(SynchronyTest.genuine(one, Given.END));
                }
            }
            test.senders = List.copyOf(senders);
        }

        private Decision run() {
            Decision last = test.decide();
            for (int step = 0; step < STEPS; step++) {
                apply(last, step);
                SynchronousSet set = ((PostgresSettings.Primary) test.given.loaded.orElseThrow()).synchronous();
                assertThat(test.given.record.promise().keptBy(set, Given.SELF))
                        .as(test.given.record.promise() + " " + set)
                        .isTrue();
                last = test.decide();
            }
            return last;
        }

        private void apply(Decision decision, int step) {
            switch (decision.action()) {
                case Action.Configure(PostgresSettings.Primary settings) -> {
                    test.given.loaded = Optional.of(settings);
                    test.names = settings.synchronous().text();
                    report(decision.action());
                }
                case Action.WriteRecord(ClusterRecord record) -> test.given.record(next -> record.change());
                case Action.Checkpoint checkpoint -> report(checkpoint);
                default -> {
                    // Time passes: standbys answer, and who is away is away for long.
                    test.senders = test.senders.stream()
                            .map(one -> new DatabaseFacts.Sender(
                                    one.pid(),
                                    one.applicationName(),
                                    one.state(),
                                    one.flushed(),
                                    one.slot(),
                                    "reply-" + step))
                            .toList();
                    SynchronousMemory seen = test.given.memory.synchrony();
                    Map<MemberName, Long> longGone = new HashMap<>(seen.missingSince());
                    longGone.replaceAll((name, since) -> Given.NOW - 5_000);
                    test.given.memory = test.given
                            .memory
                            .change()
                            .synchrony(seen.missing(longGone))
                            .build();
                }
            }
        }

        private void report(Action action) {
            long sequence = test.given.memory.digested() + 1;
            test.given.finished =
                    Optional.of(new ActionReport(sequence, action, Optional.empty(), "", Given.NOW - 150));
        }
    }
}
