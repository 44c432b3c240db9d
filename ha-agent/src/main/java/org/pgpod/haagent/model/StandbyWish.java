package org.pgpod.haagent.model;

import java.util.Optional;

/** What the cluster's configuration says of following another cluster. Not having read it is not the same as its saying nothing. */
public sealed interface StandbyWish {
    /** It was not read, or cannot be understood: everything stays as it is. */
    record Unknown() implements StandbyWish {}

    /** There is no configuration: no standby cluster is founded without one, and none is ended for want of one. */
    record Unstated() implements StandbyWish {}

    /** There is a configuration, and it names no other cluster. */
    record Off() implements StandbyWish {}

    /** The cluster is to follow. */
    record On(RemotePrimary source) implements StandbyWish {}

    /** Whom to follow, if that is what is wanted. */
    default Optional<RemotePrimary> remote() {
        return this instanceof On(RemotePrimary named) ? Optional.of(named) : Optional.empty();
    }
}
