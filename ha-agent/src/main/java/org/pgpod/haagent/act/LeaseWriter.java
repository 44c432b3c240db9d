package org.pgpod.haagent.act;

import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.pgpod.haagent.client.ApiAnswer;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.client.LeaseObjects;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.port.Effect;

/**
 * Writes Leases: the leader's by compare-and-set as a whole, one request for each call; a member's own whatever it was.
 */
public final class LeaseWriter {
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int SERVER_ERROR = 500;

    private final KubernetesApi api;
    private final ClusterNames names;
    private final LeaseObjects objects;
    private final Duration memberLeaseDuration;
    private final Supplier<ZonedDateTime> wallClock;
    private final AtomicReference<ZonedDateTime> lastRenewTime;

    /**
     * @param memberLeaseDuration what member Leases say of themselves to people; nothing is decided by it
     * @param wallClock for {@code renewTime}, which agents compare for equality only
     */
    public LeaseWriter(
            KubernetesApi api, ClusterNames names, Duration memberLeaseDuration, Supplier<ZonedDateTime> wallClock) {
        this.api = api;
        this.names = names;
        this.objects = new LeaseObjects(names);
        this.memberLeaseDuration = memberLeaseDuration;
        this.wallClock = wallClock;
        this.lastRenewTime = new AtomicReference<>(ZonedDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC));
    }

    public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
        return result(api.post(names.leases(), objects.leader(draft, Optional.empty(), renewTime()), timeout));
    }

    public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
        return result(api.put(
                names.lease(names.leaderLease()),
                objects.leader(draft, Optional.of(resourceVersion), renewTime()),
                timeout));
    }

    private LeasePut result(ApiAnswer answer) {
        return switch (answer) {
            case ApiAnswer.Answered answered when answered.succeeded() -> accepted(answered.body());
            case ApiAnswer.Answered(int status, String ignored) when status == CONFLICT -> new LeasePut.Conflict();
            case ApiAnswer.Answered(int status, String ignored) when status == NOT_FOUND -> new LeasePut.Missing();
            // A server that fails may have stored the object before it failed, or a proxy may answer for it.
            case ApiAnswer.Answered(int status, String ignored)
            when status >= SERVER_ERROR -> new LeasePut.Unknown(answer.summary());
            case ApiAnswer.Answered ignored -> new LeasePut.Failed(answer.summary());
            case ApiAnswer.NotReached ignored -> new LeasePut.Failed(answer.summary());
            case ApiAnswer.Lost ignored -> new LeasePut.Unknown(answer.summary());
        };
    }

    private LeasePut accepted(String body) {
        try {
            return new LeasePut.Accepted(objects.leader(body));
        } catch (IllegalArgumentException unreadable) {
            return new LeasePut.Unknown(String.valueOf(unreadable.getMessage()));
        }
    }

    /** Now to the microsecond, as a Lease keeps it, and later than every earlier answer: wall clocks jump. */
    private ZonedDateTime renewTime() {
        ZonedDateTime now = wallClock.get().withZoneSameInstant(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
        return lastRenewTime.updateAndGet(last -> now.isAfter(last) ? now : last.plusNanos(1_000));
    }

    /** Replaces the member Lease, or creates it when there is none. */
    public Effect putMember(MemberStatus status, Duration timeout) {
        String lease = objects.member(status, memberLeaseDuration, renewTime());
        Duration half = timeout.dividedBy(2);
        ApiAnswer put = api.put(names.lease(names.memberLease(status.pod())), lease, half);
        if (put instanceof ApiAnswer.Answered(int code, String ignored) && code == NOT_FOUND) {
            put = api.post(names.leases(), lease, half);
        }
        return put instanceof ApiAnswer.Answered answered && answered.succeeded()
                ? new Effect.Changed()
                : new Effect.Failed(put.summary());
    }

    /** Deletes the member Lease of {@code pod} if nobody has written it since it had {@code resourceVersion}. */
    public Effect removeMember(String pod, String resourceVersion, Duration timeout) {
        ApiAnswer answer = api.delete(names.lease(names.memberLease(pod)), objects.only(resourceVersion), timeout);
        return switch (answer) {
            case ApiAnswer.Answered answered when answered.succeeded() -> new Effect.Changed();
            case ApiAnswer.Answered(int status, String ignored) when status == NOT_FOUND -> new Effect.Unchanged();
            case ApiAnswer.Answered(int status, String ignored)
            when status == CONFLICT -> new Effect.Failed(pod + " has just shown life");
            default -> new Effect.Failed(answer.summary());
        };
    }
}
