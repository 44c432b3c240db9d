package org.pgpod.haagent.model;

/**
 * What is known of the other cluster that this one is to follow.
 *
 * @param wish what the configuration says; its age is when it was read
 * @param remote what its server said; its age is when it was asked
 */
public record StandbyOutlook(Fact<StandbyWish> wish, Fact<RemoteSighting> remote) {
    /** A cluster that nobody has configured. */
    public static final StandbyOutlook NONE =
            new StandbyOutlook(Fact.seen(new StandbyWish.Unstated(), 0), Fact.unseen("nobody was asked"));
}
