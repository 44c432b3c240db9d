package org.pgpod.haagent.simulation;

import org.pgpod.haagent.model.SystemId;

/** Which part another cluster plays in a seed: none in most; else this one follows it from the beginning, or in the middle. */
final class StandbyPart {
    private static final int ONE_IN = 8;

    private enum Kind {
        NONE,
        /** It follows from its foundation to the end. */
        FOLLOWS,
        /** It follows from its foundation, and is promoted in the middle. */
        IS_PROMOTED,
        /** A primary cluster, of which the other one is a standby first, follows it, and it is promoted. */
        IS_DEMOTED,
        /** A primary cluster is told to follow a stranger. */
        REFUSES
    }

    private final Kind kind;
    private final Cluster cluster;
    private final Chance chance;

    private StandbyPart(Kind kind, Cluster cluster, Chance chance) {
        this.kind = kind;
        this.cluster = cluster;
        this.chance = chance;
    }

    static StandbyPart of(long seed, Cluster cluster) {
        Chance chance = new Chance(seed * 41 + 11);
        Kind kind =
                seed % ONE_IN == 5 ? Kind.values()[1 + (int) (seed / ONE_IN % (Kind.values().length - 1))] : Kind.NONE;
        return new StandbyPart(kind, cluster, chance);
    }

    void begin() {
        if (kind == Kind.FOLLOWS || kind == Kind.IS_PROMOTED) {
            cluster.follow(new OtherCluster(cluster, new SystemId("7299"), chance.oneIn(2)));
        }
    }

    /** Between two faults. */
    void turn(int fault, int planned) {
        if (fault == planned / 2) {
            middle();
        }
        cluster.other.filter(there -> kind != Kind.REFUSES && chance.oneIn(6)).ifPresent(this::strike);
    }

    private void middle() {
        switch (kind) {
            case IS_PROMOTED -> cluster.followNobody();
            case IS_DEMOTED -> demote();
            case REFUSES -> cluster.follow(new OtherCluster(cluster, new SystemId("7298"), false));
            case NONE, FOLLOWS -> {}
        }
    }

    private void demote() {
        cluster.primary().flatMap(Pod::server).ifPresent(primary -> {
            DataDirectory copy = primary.data.copied();
            cluster.follow(new OtherCluster(cluster, copy, chance.oneIn(2)));
            cluster.time.after(chance.between(5_000, 30_000), cluster.nature, this::promoteTheOther);
        });
    }

    /** People wait until ours has stopped. */
    private void promoteTheOther() {
        boolean ours = cluster.api
                .leader()
                .flatMap(view -> view.record().valid())
                .filter(record -> record.allowsWriting())
                .isPresent();
        if (ours) {
            cluster.time.after(2_000, cluster.nature, this::promoteTheOther);
        } else {
            cluster.other.ifPresent(OtherCluster::promote);
        }
    }

    private void strike(OtherCluster there) {
        cluster.story.tell("other", () -> "FAULT of the other cluster");
        switch (chance.upTo(2)) {
            case 0 -> {
                there.reachable = false;
                cluster.time.after(chance.between(500, 40_000), cluster.nature, () -> there.reachable = true);
            }
            case 1 -> {
                there.slotMissing = true;
                cluster.time.after(chance.between(500, 30_000), cluster.nature, () -> there.slotMissing = false);
            }
            default -> {
                if (there.server().writable()) {
                    there.failOver(chance.oneIn(2) ? 0 : chance.between(1, 40) * DataDirectory.RECORD);
                    cluster.time.after(chance.between(10_000, 40_000), cluster.nature, cluster::mend);
                }
            }
        }
    }

    /** All is well there, too, and people take a mistake back. */
    void end() {
        if (kind == Kind.REFUSES) {
            cluster.followNobody();
        }
        cluster.other.ifPresent(there -> {
            there.reachable = true;
            there.slotMissing = false;
        });
    }
}
