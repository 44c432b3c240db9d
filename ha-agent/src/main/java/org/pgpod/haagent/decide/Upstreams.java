package org.pgpod.haagent.decide;

import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.Upstream;

/**
 * From whom a member streams, and of whom its copy is made: the primary, unless tags name a standby that is known to have
 * the cluster's own WAL and nothing else. What the primary does with it is its own; nobody is rewound to a standby.
 */
final class Upstreams {
    private Upstreams() {}

    /** From whom the standby of this member is to stream. */
    static Upstream toFollow(Observation now, Standing.Led led, Upstream primary, Memory memory) {
        return now.self()
                .tags()
                .replicatesFrom()
                .filter(pod -> !isVoter(now, led.record()))
                .filter(pod -> !leadsBack(now, pod, primary.pod()))
                .filter(pod -> !memory.cascade().shuns(now, pod))
                .flatMap(now::member)
                .filter(status -> isVouchedFor(now, led.record(), status)
                        || (isFed(led.record(), status) && streamsFrom(now, led.record(), status)))
                .map(Upstreams::of)
                .orElse(primary);
    }

    /** Of whom this member's next copy is to be made; a standby is asked once, and after a failure the primary. */
    static Upstream toClone(Observation now, Standing.Led led, Upstream primary, Memory memory) {
        if (memory.copying().failures() > 0) {
            return primary;
        }
        String zone = now.self().zone();
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> status.tags().isCloneSource())
                // The copy would begin long before the WAL that others still have.
                .filter(status -> status.tags().applyDelay().isEmpty())
                .filter(status -> isVouchedFor(now, led.record(), status))
                // A backup begins at the last checkpoint that the standby has replayed.
                .filter(status -> status.checkpointTimeline()
                        .filter(led.record().timeline()::equals)
                        .isPresent())
                .min(Comparator.comparing(
                                (MemberStatus status) -> !status.zone().equals(zone))
                        .thenComparing(MemberStatus::pod))
                .map(Upstreams::of)
                .orElse(primary);
    }

    static Upstream of(MemberStatus status) {
        return new Upstream(status.pod(), status.address(), status.sqlPort());
    }

    /** Whom the settings that were last loaded have the server follow. */
    static Optional<Upstream> followed(Observation now) {
        return now.local().settings().flatMap(Upstreams::in);
    }

    static Optional<Upstream> in(PostgresSettings settings) {
        return switch (settings) {
            case PostgresSettings.Standby standby -> Optional.of(standby.upstream());
            case PostgresSettings.Fetching fetching -> Optional.of(fetching.upstream());
            case PostgresSettings.Archived ignored -> Optional.empty();
            case PostgresSettings.Primary ignored -> Optional.empty();
            case PostgresSettings.Recovering ignored -> Optional.empty();
            case PostgresSettings.Detached ignored -> Optional.empty();
            case PostgresSettings.Remote ignored -> Optional.empty();
        };
    }

    /** Commits wait for a recorded voter until the record does without it, and the primary counts its own standbys only. */
    private static boolean isVoter(Observation now, ClusterRecord record) {
        return now.name().filter(record.voters()::contains).isPresent();
    }

    /** Whether those who follow each other, from {@code pod} on, come back to one of them instead of ending at the primary. */
    private static boolean leadsBack(Observation now, String pod, String primary) {
        Set<String> passed = new HashSet<>(Set.of(now.self().holder().pod()));
        Optional<String> next = Optional.of(pod);
        while (next.filter(name -> !name.equals(primary)).isPresent()) {
            if (!passed.add(next.get())) {
                return true;
            }
            next = next.flatMap(now::member).flatMap(status -> status.tags().replicatesFrom());
        }
        return false;
    }

    /** Whether the member's own agent, which has read this very term's record, finds all well with its copy. */
    private static boolean isVouchedFor(Observation now, ClusterRecord record, MemberStatus status) {
        return isFed(record, status)
                && status.epoch().equals(record.epoch())
                && status.storage().isEmpty()
                && status.reason()
                        .filter(reason -> reason.startsWith(Reason.Code.FOLLOW_STREAMING.name()))
                        .isPresent()
                && now.alive().stream().anyMatch(member -> member.status().pod().equals(status.pod()));
    }

    /** Whether it streams on the record's timeline, so that others get from it what they would get from the primary. */
    private static boolean isFed(ClusterRecord record, MemberStatus status) {
        return status.role() == MemberStatus.Role.STANDBY
                && status.state() == MemberStatus.State.STREAMING
                && status.systemId().isPresent()
                && status.systemId().equals(record.systemId())
                && status.timeline().filter(record.timeline()::equals).isPresent()
                && status.destroying().isEmpty()
                && status.vote().isEmpty();
    }

    private static boolean streamsFrom(Observation now, ClusterRecord record, MemberStatus status) {
        return followed(now).filter(of(status)::equals).isPresent()
                && now.database()
                        .filter(facts -> facts.receiver() == DatabaseFacts.Receiver.STREAMING)
                        .filter(facts -> facts.timeline().equals(record.timeline()))
                        .isPresent();
    }

    /** Whether the server is set to follow another member than the holder of the Lease. */
    static boolean followsStandby(Observation now, Standing.Led led) {
        Optional<String> holder = led.view().holder().map(Holder::pod);
        return followed(now)
                .map(Upstream::pod)
                .filter(pod -> !holder.equals(Optional.of(pod)))
                .isPresent();
    }
}
