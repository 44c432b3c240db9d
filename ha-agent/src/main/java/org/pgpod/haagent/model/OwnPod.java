package org.pgpod.haagent.model;

/**
 * This pod, as its member Lease describes it.
 *
 * @param address where other pods reach it
 * @param node and {@code zone} where it runs; empty when unknown
 * @param tags what people say of it, and what follows from its outlook
 * @param agent this agent's version
 * @param outlook what Kubernetes has in mind for it
 */
public record OwnPod(
        String cluster,
        Holder holder,
        String address,
        int sqlPort,
        int apiPort,
        String node,
        String zone,
        Tags tags,
        String agent,
        PodOutlook outlook) {

    /** A pod of which nothing is known that would end it. */
    public OwnPod(
            String cluster,
            Holder holder,
            String address,
            int sqlPort,
            int apiPort,
            String node,
            String zone,
            Tags tags,
            String agent) {
        this(cluster, holder, address, sqlPort, apiPort, node, zone, tags, agent, PodOutlook.CALM);
    }

    /** The same pod with another outlook: one that is leaving is to everybody like one with the tag {@code nofailover}. */
    public OwnPod with(PodOutlook next) {
        Tags all = next.leaving() ? tags.excludedFromFailover() : tags;
        all = next.cordoned() ? all.onCordonedNode() : all;
        return new OwnPod(cluster, holder, address, sqlPort, apiPort, node, zone, all, agent, next);
    }
}
