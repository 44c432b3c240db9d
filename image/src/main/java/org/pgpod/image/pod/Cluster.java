package org.pgpod.image.pod;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The cluster that an injected workload forms: names only, no state.
 *
 * @param name value of the label {@code pgpod.org/cluster} and prefix of every object of the cluster
 * @param namespace where it lives; empty if whoever applies the objects decides
 * @param workload name of the StatefulSet, or of the pod
 * @param members names of the pods it may have; permissions name them one by one
 * @param serviceAccount account of the pods
 */
public record Cluster(
        String name, Optional<String> namespace, String workload, List<String> members, String serviceAccount) {
    /**
     * Permissions are given for at least so many members, so that scaling up needs no new Role. All names start with
     * the cluster's own: the surplus gives nothing away.
     */
    static final int MEMBERS_FORESEEN = 9;

    /** Longest workload name: with ordinal, data id and separators it must fit a 63-byte slot name. */
    static final int WORKLOAD_NAME_LENGTH_MAX = 50;

    public Cluster {
        members = List.copyOf(members);
    }

    /** Names of the pods of a StatefulSet with that many replicas, or the names foreseen if those are more. */
    static List<String> membersOf(String workload, int firstOrdinal, int replicas) {
        return IntStream.range(firstOrdinal, firstOrdinal + Math.max(replicas, MEMBERS_FORESEEN))
                .mapToObj(ordinal -> workload + "-" + ordinal)
                .toList();
    }

    String memberLease(String pod) {
        return name + "-" + pod;
    }

    /** The ConfigMap with pgpod.yaml, read only for the pods. */
    String configuration() {
        return configurationOf(name);
    }

    static String configurationOf(String cluster) {
        return cluster + "-pgpod";
    }

    static String credentialsOf(String cluster) {
        return cluster + "-credentials";
    }

    static String clientCertificateOf(String cluster) {
        return cluster + "-client-tls";
    }

    static String peerCertificateOf(String cluster) {
        return cluster + "-peer-tls";
    }

    static String serviceAccountOf(String cluster) {
        return cluster + "-pgpod";
    }
}
