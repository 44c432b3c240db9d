package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.LeaseStore;
import org.pgpod.haagent.model.port.PodPort;
import org.pgpod.haagent.model.port.Reading;

/** The API as one agent reaches it: slow, silent, refusing, forgetful or late, as faults will have it. */
final class ApiClient implements LeaseStore, PodPort {
    /** What befalls the calls of a pod. */
    enum Trouble {
        NONE,
        /** No connection: half of the calls fail at once, the other half at their time limit. */
        UNREACHABLE,
        /** 403, 429 or 5xx: nothing is stored. */
        REFUSED,
        /** Answers take long, some too long. */
        SLOW,
        /** The call hangs, and is carried out after its caller has given it up. */
        LATE,
        /** It is carried out, and the answer is lost. */
        ANSWER_LOST,
        /** Writes meet a conflict that nobody caused. */
        CONFLICT,
        /** Reads go on and no write is taken, as when etcd has no room. */
        WRITES_REFUSED,
        /** Reads go back in time; nobody says so. */
        STALE
    }

    private static final int LATE_MILLIS_MAX = 8_000;
    private static final int STALE_MILLIS = 9_000;

    /** What the server does with a request, whether or not anybody waits for its answer. */
    private interface Handler<T> {
        T handle();
    }

    private final Pod pod;
    private final Life process;
    private final Cluster cluster;

    ApiClient(Pod pod, Life process) {
        this.pod = pod;
        this.process = process;
        this.cluster = pod.cluster;
    }

    private <T> T exchange(
            Duration timeout, Handler<T> server, Function<String, T> refused, Function<String, T> silent) {
        Chance chance = cluster.chance;
        long limit = pod.node.lasting(timeout.toMillis());
        return switch (pod.trouble()) {
            case NONE, STALE, CONFLICT, WRITES_REFUSED -> {
                cluster.time.sleep(chance.upTo(6));
                T answer = server.handle();
                cluster.time.sleep(chance.upTo(4));
                yield answer;
            }
            case REFUSED -> {
                cluster.time.sleep(chance.between(1, 20));
                yield refused.apply(chance.oneIn(3) ? "HTTP 429" : chance.oneIn(2) ? "HTTP 403" : "HTTP 500");
            }
            case UNREACHABLE -> {
                boolean atOnce = chance.oneIn(2);
                cluster.time.sleep(atOnce ? 1 : limit);
                yield atOnce ? refused.apply("connection refused") : silent.apply("timed out");
            }
            case SLOW -> {
                long out = chance.between(20, 700);
                long back = chance.between(20, 700);
                if (out + back >= limit) {
                    cluster.time.after(out, cluster.nature, server::handle);
                    cluster.time.sleep(limit);
                    yield silent.apply("timed out");
                }
                cluster.time.sleep(out);
                T answer = server.handle();
                cluster.time.sleep(back);
                yield answer;
            }
            case LATE -> {
                long out = limit + chance.upTo(LATE_MILLIS_MAX);
                cluster.time.after(out, cluster.nature, server::handle);
                cluster.time.sleep(limit);
                yield silent.apply("timed out");
            }
            case ANSWER_LOST -> {
                cluster.time.sleep(chance.upTo(6));
                server.handle();
                cluster.time.sleep(limit);
                yield silent.apply("timed out");
            }
        };
    }

    private boolean refusesWrites() {
        return pod.trouble() == Trouble.WRITES_REFUSED;
    }

    private boolean dies(String effect) {
        return !process.isAlive() || cluster.deaths.before(pod, effect);
    }

    private <T> T done(String effect, T answer) {
        cluster.deaths.after(pod, effect);
        return answer;
    }

    @Override
    public Reading<Optional<LeaseView>> readLeader(Duration timeout) {
        boolean stale = pod.trouble() == Trouble.STALE;
        return exchange(
                timeout,
                () -> Reading.of(
                        stale ? cluster.api.leaderBefore(cluster.chance.upTo(STALE_MILLIS)) : cluster.api.leader()),
                Reading::failed,
                Reading::failed);
    }

    @Override
    public LeasePut createLeader(LeaseDraft draft, Duration timeout) {
        pod.askedMillis = pod.node.nowMillis();
        if (dies("createLeader")) {
            return new LeasePut.Failed("dead");
        }
        if (refusesWrites()) {
            return new LeasePut.Failed("HTTP 500");
        }
        return exchange(
                timeout,
                () -> done("createLeader", cluster.api.create(pod, draft)),
                LeasePut.Failed::new,
                LeasePut.Unknown::new);
    }

    @Override
    public LeasePut replaceLeader(LeaseDraft draft, String resourceVersion, Duration timeout) {
        pod.askedMillis = pod.node.nowMillis();
        if (dies("replaceLeader")) {
            return new LeasePut.Failed("dead");
        }
        if (refusesWrites()) {
            return new LeasePut.Failed("HTTP 500");
        }
        if (pod.trouble() == Trouble.CONFLICT) {
            cluster.time.sleep(2);
            return new LeasePut.Conflict();
        }
        return exchange(
                timeout,
                () -> done("replaceLeader", cluster.api.replace(pod, draft, resourceVersion)),
                LeasePut.Failed::new,
                LeasePut.Unknown::new);
    }

    @Override
    public Reading<List<MemberLease>> readMembers(Duration timeout) {
        boolean stale = pod.trouble() == Trouble.STALE;
        Reading<List<MemberLease>> reading = exchange(
                timeout,
                () -> Reading.of(
                        stale ? cluster.api.membersBefore(cluster.chance.upTo(STALE_MILLIS)) : cluster.api.members()),
                Reading::failed,
                Reading::failed);
        if (reading instanceof Reading.Value<List<MemberLease>>(List<MemberLease> list)) {
            pod.listed(list);
        }
        return reading;
    }

    @Override
    public Effect putMember(MemberStatus status, Duration timeout) {
        if (dies("putMember") || refusesWrites()) {
            return new Effect.Failed("dead, or HTTP 500");
        }
        return exchange(
                timeout,
                () -> {
                    cluster.api.putMember(pod, status);
                    return done("putMember", new Effect.Changed());
                },
                Effect.Failed::new,
                Effect.Failed::new);
    }

    @Override
    public Effect removeMember(String gone, String resourceVersion, Duration timeout) {
        if (dies("removeMember") || refusesWrites()) {
            return new Effect.Failed("dead, or HTTP 500");
        }
        return exchange(
                timeout,
                () -> done("removeMember", cluster.api.removeMember(pod, gone, resourceVersion)),
                Effect.Failed::new,
                Effect.Failed::new);
    }

    @Override
    public Reading<Boolean> exists(String name, Duration timeout) {
        return exchange(
                timeout,
                () -> Reading.of(cluster.current(name).filter(Pod::isOn).isPresent()),
                Reading::failed,
                Reading::failed);
    }

    @Override
    public Effect label(Map<String, RoleLabel> roles, Duration timeout) {
        if (dies("label") || refusesWrites()) {
            return new Effect.Failed("dead, or HTTP 500");
        }
        return exchange(
                timeout,
                () -> {
                    cluster.api.labels.putAll(roles);
                    return done("label", new Effect.Changed());
                },
                Effect.Failed::new,
                Effect.Failed::new);
    }

    @Override
    public void event(String reason, String message) {
        // Events are for people; nothing in the cluster depends on them.
    }
}
