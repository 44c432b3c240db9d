package org.pgpod.haagent.model;

import java.util.List;
import java.util.Optional;

/**
 * How this member stands to the cluster's dynamic configuration.
 *
 * @param view the ConfigMap as last read; empty before the first read
 * @param accepted what it acts by: the last configuration that was found usable
 * @param problems why the present one is not used, as sentences; empty when it is, or is not checked yet
 * @param standby whether the cluster is to follow another one
 * @param applied what was last written and, if Postgres ran, loaded; empty before that
 */
public record ClusterConfiguration(
        Optional<ConfigMapView> view,
        DynamicConfiguration accepted,
        List<String> problems,
        Fact<StandbyWish> standby,
        Optional<ServerConfiguration> applied) {

    public static final ClusterConfiguration UNREAD = new ClusterConfiguration(
            Optional.empty(), DynamicConfiguration.NONE, List.of(), Fact.unseen("not read yet"), Optional.empty());

    public ClusterConfiguration {
        problems = List.copyOf(problems);
    }

    public ClusterConfiguration judged(
            ConfigMapView seen, DynamicConfiguration use, List<String> found, Fact<StandbyWish> wish) {
        return new ClusterConfiguration(Optional.of(seen), use, found, wish, applied);
    }

    public ClusterConfiguration withoutApplied() {
        return new ClusterConfiguration(view, accepted, problems, standby, Optional.empty());
    }

    public ClusterConfiguration withApplied(ServerConfiguration written) {
        return new ClusterConfiguration(view, accepted, problems, standby, Optional.of(written));
    }
}
