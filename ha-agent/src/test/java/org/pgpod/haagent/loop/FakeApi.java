package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberFormat;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.RecordFormat;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;

/** The Kubernetes API of one cluster in memory: compare-and-set like the real one, and as unreachable as one likes. */
final class FakeApi {
    /** What befalls the next write of the leader Lease. */
    enum Mishap {
        NONE,
        /** It is stored, and the answer is lost. */
        ANSWER_LOST,
        /** It fails before it is stored. */
        REFUSED
    }

    final Map<String, PodPort.RoleLabel> labels = new HashMap<>();
    final List<String> events = new ArrayList<>();
    final List<String> takeOvers = new ArrayList<>();
    Mishap mishap = Mishap.NONE;

    private final Map<String, MemberLease> members = new TreeMap<>();
    private Optional<LeaseView> leader = Optional.empty();
    private long version = 1_000;
    private long writes;

    Optional<LeaseView> leader() {
        return leader;
    }

    void deleteLeader() {
        leader = Optional.empty();
    }

    /** As somebody with kubectl would: the version moves, nothing else. */
    void annotateLeader() {
        leader = leader.map(view -> new LeaseView(
                view.holderIdentity(),
                view.epoch(),
                view.renewTime(),
                view.duration(),
                Long.toString(++version),
                view.record()));
    }

    Optional<MemberStatus> member(String pod) {
        return Optional.ofNullable(members.get(pod))
                .flatMap(lease -> lease.status().valid());
    }

    /** The API as one pod reaches it. */
    final class Client implements LeaseStore, PodPort {
        private final String pod;
        boolean reachable = true;

        Client(String pod) {
            this.pod = pod;
        }

        @Override
        public Reading<Optional<LeaseView>> readLeader(Duration timeout) {
            return reachable ? Reading.of(leader) : Reading.failed("unreachable");
        }

        @Override
        public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
            if (!reachable) {
                return new LeasePut.Failed("unreachable");
            }
            return leader.isPresent() ? new LeasePut.Conflict() : store(draft);
        }

        @Override
        public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
            if (!reachable) {
                return new LeasePut.Unknown("unreachable");
            }
            if (leader.isEmpty()) {
                return new LeasePut.Missing();
            }
            if (!leader.get().resourceVersion().equals(resourceVersion)) {
                return new LeasePut.Conflict();
            }
            Mishap now = mishap;
            mishap = Mishap.NONE;
            return switch (now) {
                case NONE -> store(draft);
                case REFUSED -> new LeasePut.Failed("HTTP 500");
                case ANSWER_LOST -> {
                    store(draft);
                    yield new LeasePut.Unknown("timed out");
                }
            };
        }

        private LeasePut store(LeaseDraft draft) {
            LeaseView stored = new LeaseView(
                    draft.holder().map(Holder::toString).orElse(""),
                    draft.epoch(),
                    "write-" + ++writes,
                    draft.duration(),
                    Long.toString(++version),
                    RecordFormat.parse(RecordFormat.format(draft.record())));
            boolean taken = leader.isEmpty() || leader.get().epoch().compareTo(draft.epoch()) < 0;
            if (taken) {
                takeOvers.add(draft.epoch() + ":" + pod);
            }
            leader = Optional.of(stored);
            return new LeasePut.Accepted(stored);
        }

        @Override
        public Reading<List<MemberLease>> readMembers(Duration timeout) {
            return reachable ? Reading.of(List.copyOf(members.values())) : Reading.failed("unreachable");
        }

        @Override
        public Effect putMember(MemberStatus status, Duration timeout) {
            if (!reachable) {
                return new Effect.Failed("unreachable");
            }
            members.put(
                    pod,
                    new MemberLease(pod, Long.toString(++version), MemberFormat.parse(MemberFormat.format(status))));
            return new Effect.Changed();
        }

        @Override
        public Effect removeMember(String gone, String resourceVersion, Duration timeout) {
            if (!reachable) {
                return new Effect.Failed("unreachable");
            }
            members.remove(gone);
            return new Effect.Changed();
        }

        @Override
        public Reading<Boolean> exists(String name, Duration timeout) {
            return Reading.of(true);
        }

        @Override
        public Effect label(Map<String, RoleLabel> roles, Duration timeout) {
            if (!reachable) {
                return new Effect.Failed("unreachable");
            }
            labels.putAll(roles);
            return new Effect.Changed();
        }

        @Override
        public void event(String reason, String message) {
            events.add(reason + " " + message);
        }
    }
}
