package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.SynchronousSettings;
import org.pgpod.haagent.model.port.PeerPort;

/**
 * Several pods, one API and a client that writes wherever it is let in, under virtual time. At every step it checks that
 * at most one pod lets clients write.
 */
final class FakeCluster {
    private static final long CLIENT_MILLIS = 10;
    private static final long SUPERVISOR_MILLIS = 100;

    final VirtualTime time = new VirtualTime();
    final FakeApi api = new FakeApi();
    final FakeConfigMap configMap = new FakeConfigMap();
    final HaAgentSettings settings;
    final List<FakePod> pods = new ArrayList<>();
    final List<String> rewinds = new ArrayList<>();
    long lastWriteMillis;
    long longestGapMillis;

    private int systemIds;
    private int nonces;
    private int dataIds = 0xa0;

    FakeCluster(int size, HaAgentSettings settings) {
        this.settings = settings;
        for (int number = 0; number < size; number++) {
            pods.add(new FakePod(this, "demo-" + number));
        }
        VirtualTime.Life nature = new VirtualTime.Life();
        time.repeat(nature, SUPERVISOR_MILLIS, () -> pods.forEach(FakePod::enforceToken));
        time.repeat(nature, CLIENT_MILLIS, () -> {
            writeWhereAdmitted();
            stream();
        });
    }

    static FakeCluster started(int size) {
        return started(size, SynchronousSettings.OFF);
    }

    static FakeCluster started(int size, SynchronousSettings synchronous) {
        return started(
                size, HaAgentSettings.of(LeaseTimings.Preset.FAST.timings()).with(synchronous));
    }

    static FakeCluster started(int size, HaAgentSettings settings) {
        FakeCluster cluster = new FakeCluster(size, settings);
        cluster.pods.forEach(pod -> pod.agent.start());
        return cluster;
    }

    String newSystemId() {
        return Integer.toString(7_300 + ++systemIds);
    }

    DataId newDataId() {
        return new DataId(String.format(Locale.ROOT, "%08x", ++dataIds));
    }

    private void writeWhereAdmitted() {
        List<FakePod> admitting = pods.stream().filter(FakePod::admitsWriters).toList();
        if (admitting.size() > 1) {
            throw new AssertionError("two primaries admit writers: "
                    + admitting.stream().map(pod -> pod.name).toList());
        }
        for (FakePod pod : admitting) {
            pod.postgres.write();
            long now = time.nowMillis();
            longestGapMillis = lastWriteMillis == 0 ? 0 : Math.max(longestGapMillis, now - lastWriteMillis);
            lastWriteMillis = now;
        }
    }

    void stream() {
        pods.forEach(pod -> pod.postgres.senders = new ArrayList<>());
        pods.forEach(FakePod::stream);
    }

    Optional<FakePod> primaryAt(String address, FakePod follower) {
        return pods.stream()
                .filter(pod -> pod != follower && pod.address().equals(address))
                .filter(pod -> pod.postgres.writable())
                .findFirst();
    }

    /** The other agents, as the network between pods lets them be reached. */
    PeerPort peersOf(FakePod asking) {
        return new PeerPort() {
            @Override
            public List<MemberName> promises(PromiseRequest request, List<MemberStatus> members, Duration timeout) {
                List<MemberName> promised = new ArrayList<>();
                for (MemberStatus member : members) {
                    pods.stream()
                            .filter(pod -> pod != asking && pod.name.equals(member.pod()) && pod.isAgentAlive())
                            .findFirst()
                            .ifPresent(pod -> {
                                if (pod.agent.promiseNow(request) instanceof PromiseAnswer.Promised(MemberName voter)) {
                                    promised.add(voter);
                                }
                            });
                }
                return promised;
            }

            @Override
            public String nonce() {
                return Integer.toString(++nonces);
            }
        };
    }

    FakePod pod(int number) {
        return pods.get(number);
    }

    Optional<FakePod> primary() {
        Optional<String> holder = api.leader().flatMap(LeaseView::holder).map(who -> who.pod());
        boolean open = api.leader()
                .flatMap(view -> view.record().valid())
                .filter(record -> record.phase() == ClusterRecord.Phase.PRIMARY)
                .isPresent();
        return pods.stream()
                .filter(pod -> open && holder.filter(pod.name::equals).isPresent())
                .filter(FakePod::admitsWriters)
                .findFirst();
    }

    List<FakePod> othersThan(FakePod one) {
        return pods.stream().filter(pod -> pod != one).toList();
    }

    ClusterRecord record() {
        return api.leader().flatMap(view -> view.record().valid()).orElseThrow();
    }

    /** One primary, and all others stream from it. */
    boolean settled() {
        return settledWithout(List.of());
    }

    boolean settledWithout(List<FakePod> absent) {
        Optional<FakePod> primary = primary();
        return primary.filter(pod -> !absent.contains(pod)).isPresent()
                && pods.stream()
                        .filter(pod -> pod != primary.get() && !absent.contains(pod))
                        .allMatch(pod -> pod.postgres.up && pod.postgres.streaming);
    }

    void await(String what, BooleanSupplier condition, Duration limit) {
        if (!time.runUntil(condition, limit)) {
            StringBuilder story = new StringBuilder("not within " + limit + ": " + what);
            story.append("\nlease ").append(api.leader());
            for (FakePod pod : pods) {
                story.append("\n").append(pod.name).append(" ").append(pod.token);
                story.append("\n  volume ").append(pod.volume);
                story.append("\n  up=").append(pod.postgres.up).append(" line ").append(pod.postgres.line);
                story.append(" ").append(pod.postgres.state).append(" end ").append(pod.postgres.end);
                pod.agent
                        .lastDecision()
                        .ifPresent(decision -> story.append("\n  decided ")
                                .append(decision.reason())
                                .append(" ")
                                .append(decision.action())
                                .append("\n  memory ")
                                .append(decision.memory()));
                story.append("\n  finished ").append(pod.agent.facts().finished());
            }
            throw new AssertionError(story.toString());
        }
    }
}
