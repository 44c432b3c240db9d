package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PreferenceSettings;
import org.pgpod.haagent.model.Request;

/**
 * Gives the primary to a better placed member, by an ordinary switchover, once that member has been steady for a while:
 * one of higher {@code failoverPriority}, or of equal priority in a more preferred zone. Elections look at WAL first and so
 * may leave the primary where it is not wanted.
 */
final class Preference {
    /** A preferred member that lags more than this has not caught up. */
    static final long LAG_BYTES_MAX = 1_048_576;

    /** After a hand-over was begun, whatever came of it, the next one waits: twice as long each time, up to the most. */
    static final Duration PAUSE_LEAST = Duration.ofMinutes(10);

    static final Duration PAUSE_MOST = Duration.ofHours(6);

    /** After so long without an attempt, earlier ones are forgotten. */
    private static final Duration FORGET = Duration.ofDays(1);

    private static final String REQUEST = "preferred-";

    private Preference() {}

    static Watch watch(Observation now, Standing standing, Memory memory, Watch before) {
        Optional<Memory.Handover> ours = memory.handover()
                .filter(handover -> handover.requestId().startsWith(REQUEST))
                .filter(handover -> handover.startedMillis() > before.attemptMillis());
        if (ours.isPresent()) {
            boolean forgotten =
                    before.attempts() == 0 || ours.get().startedMillis() - before.attemptMillis() >= FORGET.toMillis();
            return before.withAttempts(
                    forgotten ? 1 : before.attempts() + 1, ours.get().startedMillis());
        }
        Optional<String> steady = standing instanceof Standing.Mine mine && isTime(now, mine, memory, before)
                ? now.database().flatMap(database -> best(now, mine, database))
                : Optional.empty();
        return steady.equals(before.preferred())
                ? before
                : before.withPreferred(steady, steady.isEmpty() ? 0 : now.nowMillis());
    }

    private static boolean isTime(Observation now, Standing.Mine mine, Memory memory, Watch watch) {
        boolean wanted = !now.settings().preference().delay().isZero();
        boolean calm = !mine.record().pause()
                && mine.record().phase() == ClusterRecord.Phase.PRIMARY
                && now.request().isEmpty()
                && memory.handover().isEmpty()
                && watch.trouble().isEmpty();
        return wanted && calm && (watch.attempts() == 0 || now.passed(pause(watch.attempts()), watch.attemptMillis()));
    }

    /** The pause after so many attempts. */
    static Duration pause(int attempts) {
        Duration pause = PAUSE_LEAST.multipliedBy(1L << Math.min(Math.max(0, attempts - 1), Short.SIZE));
        return pause.compareTo(PAUSE_MOST) < 0 ? pause : PAUSE_MOST;
    }

    private static Optional<String> best(Observation now, Standing.Mine mine, DatabaseFacts database) {
        PreferenceSettings preference = now.settings().preference();
        int priority = now.self().tags().failoverPriority();
        int zone = preference.rankOf(now.self().zone());
        return steadyOthers(now, mine, database)
                .filter(status -> isBetter(status, priority, preference.rankOf(status.zone()) < zone))
                .min(order(preference))
                .map(MemberStatus::pod);
    }

    /** The best placed member that could have the primary now, wherever the primary is. */
    static Optional<String> elsewhere(Observation now, Standing.Mine mine, DatabaseFacts database) {
        return steadyOthers(now, mine, database)
                .min(order(now.settings().preference()))
                .map(MemberStatus::pod);
    }

    private static Comparator<MemberStatus> order(PreferenceSettings preference) {
        return Comparator.<MemberStatus>comparingInt(status -> -status.tags().failoverPriority())
                .thenComparingInt(status -> preference.rankOf(status.zone()))
                .thenComparing(MemberStatus::pod);
    }

    /** Nobody whose node is cordoned: the primary would have to move again. */
    private static Stream<MemberStatus> steadyOthers(Observation now, Standing.Mine mine, DatabaseFacts database) {
        return now.alive().stream()
                .map(MemberSighting::status)
                .filter(status -> !status.pod().equals(now.self().holder().pod()))
                .filter(status -> !status.tags().isCordoned())
                .filter(status -> isSteady(now, mine, database, status));
    }

    private static boolean isBetter(MemberStatus status, int priority, boolean betterZone) {
        int theirs = status.tags().failoverPriority();
        return theirs > priority || (theirs == priority && betterZone);
    }

    private static boolean isSteady(Observation now, Standing.Mine mine, DatabaseFacts database, MemberStatus status) {
        boolean lacking =
                now.local().libraries().isPresent() && !now.local().libraries().equals(status.libraries());
        return !status.tags().excludesFailover()
                && status.state() == MemberStatus.State.STREAMING
                && status.storage().isEmpty()
                && status.destroying().isEmpty()
                && status.systemId().equals(mine.record().systemId())
                && !mine.record().failed().contains(status.pod())
                && !lacking
                && Switchover.lag(database, status)
                        .filter(bytes -> bytes <= LAG_BYTES_MAX)
                        .isPresent();
    }

    /** The switchover to make now, if one is due. */
    static Optional<Request.Switchover> request(Observation now, Memory memory) {
        Watch watch = memory.watch();
        return watch.preferred()
                .filter(pod -> now.passed(now.settings().preference().delay(), watch.preferredMillis()))
                .map(pod -> new Request.Switchover(REQUEST + pod + "-" + watch.preferredMillis(), Optional.of(pod)));
    }
}
