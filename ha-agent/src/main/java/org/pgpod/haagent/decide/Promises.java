package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.PromiseAnswer;
import org.pgpod.haagent.model.PromiseRequest;
import org.pgpod.haagent.model.VolumeState;

/**
 * Whether this voter promises the holder not to vote for another one (rule R16). With as many promises as voters confirm
 * each commit, no other candidate can find the votes it needs, so the holder may serve on without the API.
 */
public final class Promises {
    private Promises() {}

    /** An answer, and what to remember of it. */
    public record Given(PromiseAnswer answer, Memory memory) {}

    /** Answers one request; made where decisions are made, so that no vote can slip in between. */
    public static Given answer(Observation now, Memory memory, PromiseRequest request) {
        Optional<String> objection = objection(now, memory, request);
        if (objection.isPresent()) {
            return new Given(new PromiseAnswer.Refused(objection.get()), memory);
        }
        long until = now.nowMillis() + now.settings().timings().leaseDuration().toMillis();
        Memory next = memory.change()
                .promise(new Memory.Promise(request.holder().toString(), request.epoch(), until))
                .build();
        return new Given(new PromiseAnswer.Promised(now.name().orElseThrow()), next);
    }

    private static Optional<String> objection(Observation now, Memory memory, PromiseRequest request) {
        Optional<LeaseView> lease = now.lease().known().flatMap(LeaseSighting::view);
        Optional<ClusterRecord> record = lease.map(LeaseView::record).flatMap(Parsed::valid);
        Optional<VolumeState> volume = now.volume().filter(VolumeState::hasData);
        if (!request.cluster().equals(now.self().cluster()) || record.isEmpty() || volume.isEmpty()) {
            return Optional.of("this member knows no such cluster");
        }
        if (!lease.get().isHeldBy(request.holder()) || !lease.get().epoch().equals(request.epoch())) {
            return Optional.of("as far as is known here, the Lease is held by '"
                    + lease.get().holderIdentity() + "' in epoch " + lease.get().epoch());
        }
        Optional<MemberName> name = now.name();
        // A pod that was replaced may live on beside us, on the same volume: whoever runs Postgres there speaks for it.
        if (now.database().isEmpty()) {
            return Optional.of("Postgres of this member does not answer");
        }
        boolean voter = record.get().mode() == ClusterRecord.Mode.SYNC
                && name.filter(record.get().voters()::contains).isPresent();
        if (!voter) {
            return Optional.of("this member is no recorded voter");
        }
        return freezing(now, memory, volume.get(), lease.get())
                ? Optional.of("this member froze for an election")
                : Optional.empty();
    }

    /** A vote may be on its way from the moment the freeze begins, and stays good for the version that it names. */
    private static boolean freezing(Observation now, Memory memory, VolumeState volume, LeaseView lease) {
        boolean begun = now.inFlight()
                .filter(action -> action instanceof Action.MarkVolume
                        || (action instanceof Action.Configure configure
                                && configure.settings() instanceof PostgresSettings.Detached))
                .isPresent();
        boolean published = now.published()
                .holds(status -> status.vote()
                        .filter(vote -> vote.resourceVersion().equals(lease.resourceVersion()))
                        .isPresent());
        boolean frozen = volume.frozen().filter(lease.resourceVersion()::equals).isPresent();
        return begun
                || published
                || frozen
                || memory.vote().isPresent()
                || volume.destroying().isPresent();
    }

    /** Whether a promise given earlier binds this member: the holder then counts as holding, whatever the Lease's age. */
    static boolean binds(Observation now, Memory memory, LeaseView view) {
        return memory.promise()
                .filter(promise -> now.nowMillis() < promise.untilMillis())
                .filter(promise -> view.holderIdentity().equals(promise.holder())
                        && view.epoch().equals(promise.epoch()))
                .isPresent();
    }
}
