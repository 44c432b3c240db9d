package org.pgpod.haagent.model;

import java.util.List;

/**
 * The recorded pair of synchronous replication: every acknowledged commit is on at least {@code w} of {@code members}.
 *
 * @param members by data id, so that a wiped volume under the same name is none of them
 */
public record Voters(List<MemberName> members, int w) {
    /** Nothing is promised beyond the last holder's own copy. */
    public static final Voters NONE = new Voters(List.of(), 0);

    public Voters {
        members = SynchronousSet.of(1, members).members();
        if (w < 0 || w > members.size()) {
            throw new IllegalArgumentException("w is " + w + " with " + members.size() + " voters");
        }
    }

    /**
     * Whether commits that {@code set} lets through keep the promise, written by {@code holder} (rule R11): each is on as
     * many voters as it waits for, less those that are none, and on the holder itself if it is one.
     */
    public boolean keptBy(SynchronousSet set, MemberName holder) {
        return set.required() + holderVotes(holder) - strangers(set) >= w;
    }

    /** How many votes of a quorum any new primary needs: so many that one of them has every acknowledged commit. */
    public int votesNeeded() {
        return members.size() - w + 1;
    }

    private int holderVotes(MemberName holder) {
        return members.contains(holder) ? 1 : 0;
    }

    private long strangers(SynchronousSet set) {
        return set.members().stream()
                .filter(member -> !members.contains(member))
                .count();
    }

    /** The set that keeps this promise and lets the most commits through. */
    public SynchronousSet leastSet(MemberName holder) {
        List<MemberName> others =
                members.stream().filter(member -> !member.equals(holder)).toList();
        return SynchronousSet.of(Math.max(0, w - holderVotes(holder)), others);
    }

    /**
     * A set that keeps this promise and {@code next} at once, so that the record may be changed from one to the other.
     * Commits that only one of the two could confirm wait meanwhile.
     */
    public SynchronousSet bridge(Voters next, MemberName holder) {
        List<MemberName> preferred =
                next.members().stream().filter(member -> !member.equals(holder)).toList();
        List<MemberName> confirming = preferred.isEmpty()
                ? members.stream().filter(member -> !member.equals(holder)).toList()
                : preferred;
        int required = Math.max(required(confirming, holder), next.required(confirming, holder));
        return SynchronousSet.of(required, confirming);
    }

    private int required(List<MemberName> confirming, MemberName holder) {
        long strangers =
                confirming.stream().filter(member -> !members.contains(member)).count();
        return Math.max(0, Math.toIntExact(w - holderVotes(holder) + strangers));
    }
}
