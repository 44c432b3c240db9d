package org.pgpod.image.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects a cluster needs beside its pods: account and permissions, Services, configuration, certificates and a
 * disruption budget. Permissions name each object wherever Kubernetes can limit a verb by name.
 *
 * <p>The Secret with the passwords is not among them: a password belongs into no file.
 */
final class ClusterObjects {
    private ClusterObjects() {}

    private static final String SERVICE_ACCOUNT = """
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: ACCOUNT
            automountServiceAccountToken: false
            """;

    /**
     * {@code list} and {@code create} cannot be limited by name: rules of their own. Nothing is watched. A test of ha-agent
     * holds this to the requests that the agent makes, both ways.
     */
    private static final String ROLE = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata:
              name: CLUSTER-pgpod
            rules:
            - apiGroups: [coordination.k8s.io]
              resources: [leases]
              verbs: [list, create]
            - apiGroups: [coordination.k8s.io]
              resources: [leases]
              resourceNames: [CLUSTER-leader]
              verbs: [get]
            - apiGroups: [coordination.k8s.io]
              resources: [leases]
              resourceNames: [CLUSTER-leader, LEASE_OF_EACH_MEMBER]
              verbs: [update]
            - apiGroups: [coordination.k8s.io]
              resources: [leases]
              resourceNames: [LEASE_OF_EACH_MEMBER]
              verbs: [delete]
            - apiGroups: ['']
              resources: [pods]
              resourceNames: [EACH_MEMBER]
              verbs: [get, patch]
            - apiGroups: ['']
              resources: [configmaps]
              verbs: [create]
            - apiGroups: ['']
              resources: [configmaps]
              resourceNames: [CLUSTER-config]
              verbs: [get, patch]
            - apiGroups: [events.k8s.io]
              resources: [events]
              verbs: [create, patch]
            """;

    private static final String ROLE_BINDING = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata:
              name: CLUSTER-pgpod
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: Role
              name: CLUSTER-pgpod
            subjects:
            - kind: ServiceAccount
              name: ACCOUNT
              namespace: default
            """;

    /** {@code -rw} the primary, {@code -ro} standbys, {@code -r} any member; {@code -pods} gives each pod a name. */
    private static final List<String> SERVICES = List.of(
            service("rw", "pgpod.org/role: primary"), service("ro", "pgpod.org/role: replica"), service("r", ""), """
            apiVersion: v1
            kind: Service
            metadata:
              name: CLUSTER-pods
            spec:
              clusterIP: None
              publishNotReadyAddresses: true
              selector:
                pgpod.org/cluster: "CLUSTER"
              ports:
              - name: postgres
                port: 5432
                targetPort: 5432
              - name: peers
                port: 5434
                targetPort: 5434
              - name: ha-agent
                port: 8008
                targetPort: 8008
            """);

    private static final String CONFIGURATION = """
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: CLUSTER-pgpod
            data:
              pgpod.yaml: |
                # Options of every sidecar; see the configuration reference. Who the pod is comes from its environment.
                haAgent:
                  leasePreset: normal
                logShipper:
                  # The Postgres server that keeps the logs. Until it answers, they wait in their files.
                  sinkHost: log-store
            """;

    /** Peers trust every certificate of their authority: it signs nothing else. Clients have another. */
    private static final List<String> CERTIFICATES = List.of(
            """
            apiVersion: cert-manager.io/v1
            kind: Issuer
            metadata:
              name: CLUSTER-selfsigned
            spec:
              selfSigned: {}
            """, authority("client"), authorityIssuer("client"), """
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata:
              name: CLUSTER-client
            spec:
              secretName: CLUSTER-client-tls
              dnsNames: [CLUSTER-rw, CLUSTER-ro, CLUSTER-r]
              usages: [digital signature, server auth]
              privateKey:
                algorithm: ECDSA
                size: 256
                rotationPolicy: Always
              issuerRef:
                group: cert-manager.io
                kind: Issuer
                name: CLUSTER-client-ca
            """, authority("peer"), authorityIssuer("peer"), """
            apiVersion: cert-manager.io/v1
            kind: Certificate
            metadata:
              name: CLUSTER-peer
            spec:
              secretName: CLUSTER-peer-tls
              commonName: CLUSTER-peer
              dnsNames: [CLUSTER-pods]
              usages: [digital signature, server auth, client auth]
              privateKey:
                algorithm: ECDSA
                size: 256
                rotationPolicy: Always
              issuerRef:
                group: cert-manager.io
                kind: Issuer
                name: CLUSTER-peer-ca
            """);

    private static final String DISRUPTION_BUDGET = """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata:
              name: CLUSTER-pgpod
            spec:
              maxUnavailable: 1
              selector:
                matchLabels:
                  pgpod.org/cluster: "CLUSTER"
            """;

    /** All objects, in the order in which they should be applied. */
    static List<ObjectNode> of(Cluster cluster) {
        var objects = new ArrayList<ObjectNode>();
        if (cluster.serviceAccount().equals(Cluster.serviceAccountOf(cluster.name()))) {
            objects.add(parse(SERVICE_ACCOUNT, cluster));
        }
        objects.add(role(cluster));
        objects.add(roleBinding(cluster));
        SERVICES.forEach(service -> objects.add(parse(service, cluster)));
        objects.add(parse(CONFIGURATION, cluster));
        CERTIFICATES.forEach(certificate -> objects.add(certificate(certificate, cluster)));
        objects.add(parse(DISRUPTION_BUDGET, cluster));
        objects.forEach(object -> label(object, cluster));
        return List.copyOf(objects);
    }

    private static ObjectNode role(Cluster cluster) {
        ObjectNode role = parse(ROLE, cluster);
        for (ObjectNode rule : Nodes.objects(role, "rules")) {
            if (rule.get("resourceNames") instanceof ArrayNode names) {
                List<String> written = names.valueStream().map(JsonNode::asText).toList();
                names.removeAll();
                written.forEach(name -> namesOf(name, cluster).forEach(names::add));
            }
        }
        return role;
    }

    private static List<String> namesOf(String written, Cluster cluster) {
        return switch (written) {
            case "LEASE_OF_EACH_MEMBER" ->
                cluster.members().stream().map(cluster::memberLease).toList();
            case "EACH_MEMBER" -> cluster.members();
            default -> List.of(written);
        };
    }

    private static ObjectNode roleBinding(Cluster cluster) {
        ObjectNode binding = parse(ROLE_BINDING, cluster);
        cluster.namespace()
                .ifPresent(namespace ->
                        Nodes.objects(binding, "subjects").getFirst().put("namespace", namespace));
        return binding;
    }

    /** Clients in other namespaces know the Services by longer names. */
    private static ObjectNode certificate(String text, Cluster cluster) {
        ObjectNode certificate = parse(text, cluster);
        if (certificate.path("spec").get("dnsNames") instanceof ArrayNode names) {
            cluster.namespace().ifPresent(namespace -> {
                List<String> services = new ArrayList<>();
                names.forEach(name -> services.add(name.asText()));
                for (String suffix : List.of("", ".svc", ".svc.cluster.local")) {
                    services.forEach(service -> names.add(service + "." + namespace + suffix));
                }
            });
        }
        return certificate;
    }

    private static void label(ObjectNode object, Cluster cluster) {
        ObjectNode metadata = Nodes.object(object, "metadata");
        cluster.namespace().ifPresent(namespace -> metadata.put("namespace", namespace));
        Nodes.object(metadata, "labels").put(Layout.CLUSTER_LABEL, cluster.name());
    }

    private static ObjectNode parse(String text, Cluster cluster) {
        return ManifestText.parseOwn(
                text.replace("CLUSTER", cluster.name()).replace("ACCOUNT", cluster.serviceAccount()));
    }

    private static String service(String suffix, String roleSelector) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  name: CLUSTER-%s
                spec:
                  selector:
                    pgpod.org/cluster: "CLUSTER"
                    %s
                  ports:
                  - name: postgres
                    port: 5432
                    targetPort: 5432
                """.formatted(suffix, roleSelector);
    }

    private static String authority(String purpose) {
        return """
                apiVersion: cert-manager.io/v1
                kind: Certificate
                metadata:
                  name: CLUSTER-%1$s-ca
                spec:
                  isCA: true
                  commonName: CLUSTER-%1$s-ca
                  secretName: CLUSTER-%1$s-ca
                  duration: 87600h
                  privateKey:
                    algorithm: ECDSA
                    size: 256
                  issuerRef:
                    group: cert-manager.io
                    kind: Issuer
                    name: CLUSTER-selfsigned
                """.formatted(purpose);
    }

    private static String authorityIssuer(String purpose) {
        return """
                apiVersion: cert-manager.io/v1
                kind: Issuer
                metadata:
                  name: CLUSTER-%1$s-ca
                spec:
                  ca:
                    secretName: CLUSTER-%1$s-ca
                """.formatted(purpose);
    }
}
