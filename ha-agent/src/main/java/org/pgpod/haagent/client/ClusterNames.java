package org.pgpod.haagent.client;

/**
 * Where the objects of one cluster are in the Kubernetes API.
 *
 * @param namespace the namespace of the pods
 * @param cluster the name of the Postgres cluster
 */
public record ClusterNames(String namespace, String cluster) {
    /** The label that pods and Leases of a cluster carry. */
    public static final String CLUSTER_LABEL = "pgpod.org/cluster";

    /** The label that tells a member's Lease from the leader's. */
    static final String LEASE_LABEL = "pgpod.org/lease";

    static final String MEMBER = "member";
    static final String LEADER = "leader";

    public String leaderLease() {
        return cluster + "-leader";
    }

    public String memberLease(String pod) {
        return cluster + "-" + pod;
    }

    /** The pod of a member's Lease, from the Lease's name. */
    String podOf(String memberLease) {
        return memberLease.substring(cluster.length() + 1);
    }

    public String leases() {
        return "apis/coordination.k8s.io/v1/namespaces/" + namespace + "/leases";
    }

    public String lease(String name) {
        return leases() + "/" + name;
    }

    public String memberLeases() {
        return leases() + "?labelSelector=" + CLUSTER_LABEL + "%3D" + cluster + "%2C" + LEASE_LABEL + "%3D" + MEMBER;
    }

    public String pods() {
        return "api/v1/namespaces/" + namespace + "/pods";
    }

    public String pod(String name) {
        return pods() + "/" + name;
    }

    /** A node, which is in no namespace. */
    public static String node(String name) {
        return "api/v1/nodes/" + name;
    }

    public String configMapName() {
        return cluster + "-config";
    }

    public String configMaps() {
        return "api/v1/namespaces/" + namespace + "/configmaps";
    }

    /** The one with the cluster's dynamic configuration. */
    public String configMap() {
        return configMaps() + "/" + configMapName();
    }

    public String event(String name) {
        return events() + "/" + name;
    }

    public String events() {
        return "apis/events.k8s.io/v1/namespaces/" + namespace + "/events";
    }
}
