package org.pgpod.wireproxy.standbys;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.pgpod.core.postgres.Lsn;

/**
 * The standbys of the cluster and which of them is next: one of this zone before others, then one that lags less, then the
 * one with the fewest sessions of this proxy. Safe for all threads; only one of them may {@link #update}.
 */
public final class Standbys {
    /** What becomes of a client while no standby is fit. */
    public enum Fallback {
        /** It is refused. */
        NONE,
        /** It is brought to the primary. */
        PRIMARY
    }

    /**
     * By what is chosen.
     *
     * @param ownName this pod
     * @param ownZone its zone; empty prefers none
     * @param lagBytesMax a standby with more WAL to replay is not fit
     */
    public record Terms(String ownName, Optional<String> ownZone, long lagBytesMax, Fallback fallback) {}

    /** Lags below it make no difference. */
    private static final int LAG_STEP_BITS = 20;

    private final Terms terms;
    private volatile Map<String, Standby> members = Map.of();

    public Standbys(Terms terms) {
        this.terms = terms;
    }

    public Fallback fallback() {
        return terms.fallback();
    }

    /** Whether this one is in this pod. */
    public boolean isHere(Standby standby) {
        return standby.name().equals(terms.ownName());
    }

    /** All members that are or may become standbys, in the order of their names. */
    public Collection<Standby> all() {
        return members.values();
    }

    /**
     * Where the next session goes; {@link Standby#leave} must follow when it is over.
     *
     * @param hereServes whether the Postgres of this pod is a standby that takes clients
     */
    public Optional<Standby> choose(boolean hereServes, long nowMillis) {
        Optional<Standby> best = members.values().stream()
                .filter(one -> one.isFitAt(nowMillis) && (hereServes || !isHere(one)))
                .min(Comparator.comparing((Standby one) -> !isNear(one))
                        .thenComparingInt(one -> lagStep(one.lagBytes()))
                        .thenComparingInt(Standby::sessions)
                        .thenComparing(Standby::name));
        best.ifPresent(Standby::enter);
        return best;
    }

    private boolean isNear(Standby standby) {
        return terms.ownZone().isEmpty() || terms.ownZone().equals(standby.zone());
    }

    private static int lagStep(long lagBytes) {
        return Long.SIZE - Long.numberOfLeadingZeros(lagBytes >> LAG_STEP_BITS);
    }

    /** Takes in what agents said at this moment: the list, and the answers of those who gave one, by their names. */
    void update(List<Member> listed, Map<String, AgentAnswer> answers, long nowMillis) {
        Optional<AgentAnswer> primary = answers.values().stream()
                .filter(answer -> answer.role().equals(Member.PRIMARY))
                .findFirst();
        Optional<Lsn> end = primary.flatMap(AgentAnswer::replayed)
                .or(() -> listed.stream()
                        .filter(member -> member.role().equals(Member.PRIMARY))
                        .findFirst()
                        .flatMap(Member::position))
                .or(() -> answers.values().stream()
                        .flatMap(answer -> answer.replayed().stream())
                        .max(Comparator.naturalOrder()));
        int timeline = primary.map(AgentAnswer::timeline).orElse(0);
        Map<String, Standby> next = new TreeMap<>();
        for (Member member : listed) {
            Standby known = members.get(member.name());
            Standby standby = known != null && known.isAt(member) ? known : new Standby(member, nowMillis);
            AgentAnswer answer = answers.get(member.name());
            if (answer != null) {
                see(standby, member, answer, end, timeline, nowMillis);
            }
            next.put(member.name(), standby);
        }
        members = next;
    }

    private void see(
            Standby standby, Member member, AgentAnswer answer, Optional<Lsn> end, int timeline, long nowMillis) {
        if (answer.role().equals(Member.PRIMARY)) {
            standby.promoted(nowMillis);
            return;
        }
        long lag = answer.replayed()
                .flatMap(replayed -> end.map(last -> Math.max(0, last.minus(replayed))))
                .orElse(-1L);
        // A member that went another way has WAL that says nothing of what it lacks.
        boolean sameWay = timeline == 0 || answer.timeline() == 0 || timeline == answer.timeline();
        boolean fit = answer.role().equals(Member.STANDBY)
                && member.balanced()
                && sameWay
                && lag >= 0
                && lag <= terms.lagBytesMax();
        standby.seen(fit, lag, nowMillis);
    }
}
