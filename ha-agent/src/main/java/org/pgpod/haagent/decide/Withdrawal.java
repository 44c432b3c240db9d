package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.SynchronousSettings;

/**
 * What goes before a copy that may have been asked to confirm commits is destroyed (rule R19). That the record does not name
 * it as a voter is not enough, for a record that does may be on its way. So the member publishes that its copy goes, waits
 * until every holder must have read it, notes the version of the Lease, and goes on once it has seen another one: a write
 * that was decided upon before then either has made that version, and would show, or finds its own version gone.
 *
 * @param publishedMillis boot clock when the present copy's end was published; 0 while it was not
 * @param noted the version of the Lease that was seen afterwards
 */
public record Withdrawal(long publishedMillis, Optional<String> noted) {
    /** Nothing goes. */
    public static final Withdrawal NONE = new Withdrawal(0, Optional.empty());

    /** Nobody is made a voter by a list of members that is older. */
    static final Duration KNOWN = Duration.ofSeconds(5);

    private static final Set<Reason.Code> MEANT = Set.of(
            Reason.Code.REJOIN_WAIT_VOTERS,
            Reason.Code.REJOIN_WITHDRAW,
            Reason.Code.REJOIN_REWIND,
            Reason.Code.CLONE_DIVERGED,
            Reason.Code.CLONE_EMPTY,
            Reason.Code.CLONE_FORKED,
            Reason.Code.CLONE_REQUESTED,
            Reason.Code.CLONE_REWIND_FAILED,
            Reason.Code.CLONE_UNFINISHED,
            Reason.Code.CLONE_WAL_GONE);

    static Memory watch(Observation now, Memory memory) {
        Withdrawal before = memory.withdrawal();
        Withdrawal next = next(now, before);
        return next.equals(before) ? memory : memory.change().withdrawal(next).build();
    }

    private static Withdrawal next(Observation now, Withdrawal before) {
        boolean published = now.published().holds(Withdrawal::isAnnouncedBy);
        if (!published) {
            return NONE;
        }
        long since = before.publishedMillis() == 0 ? now.nowMillis() : before.publishedMillis();
        Optional<String> noted = before.noted()
                .or(() -> now.lease()
                        .since(since + KNOWN.toMillis())
                        .flatMap(LeaseSighting::view)
                        .map(LeaseView::resourceVersion));
        return new Withdrawal(since, noted);
    }

    /** Whether who acts for that reason is about to give up its copy, or waits until the holder can do without it. */
    static boolean isMeantBy(Reason reason) {
        return MEANT.contains(reason.code());
    }

    /** Whether a member says so; agents before this key say it by the words of their reason. */
    static boolean isAnnouncedBy(MemberStatus status) {
        return status.withdrawing()
                || status.reason()
                        .filter(reason -> MEANT.stream().anyMatch(code -> isOf(reason, code)))
                        .isPresent();
    }

    private static boolean isOf(String reason, Reason.Code code) {
        return reason.equals(code.name()) || reason.startsWith(code.name() + " ");
    }

    /** Empty when the copy may be destroyed as far as this is concerned. */
    static Optional<Step> first(Observation now, ClusterRecord record, Memory memory) {
        boolean neverAsked = record.mode() == ClusterRecord.Mode.ASYNC
                && now.settings().synchronous().mode() == SynchronousSettings.Mode.OFF;
        Optional<String> version =
                now.lease().known().flatMap(LeaseSighting::view).map(LeaseView::resourceVersion);
        boolean seen = memory.withdrawal().noted().isPresent()
                && !memory.withdrawal().noted().equals(version);
        return neverAsked || seen ? Optional.empty() : Optional.of(Step.rest(Reason.Code.REJOIN_WITHDRAW, memory));
    }
}
