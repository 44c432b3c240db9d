package org.pgpod.haagent.model;

/**
 * This pod, as its member Lease describes it.
 *
 * @param address where other pods reach it
 * @param node and {@code zone} where it runs; empty when unknown
 * @param agent this agent's version
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
        String agent) {}
