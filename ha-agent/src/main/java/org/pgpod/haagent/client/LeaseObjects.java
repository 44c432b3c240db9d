package org.pgpod.haagent.client;

import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseList;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseSpec;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberFormat;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.RecordFormat;

/**
 * Turns Leases of one cluster into the JSON of the Kubernetes API and back. A Lease that other hands have made unreadable
 * is an {@link IllegalArgumentException} that says what is wrong with it.
 */
public final class LeaseObjects {
    private final KubernetesSerialization json = new KubernetesSerialization();
    private final ClusterNames names;

    public LeaseObjects(ClusterNames names) {
        this.names = names;
    }

    public LeaseView leader(String body) {
        Lease lease = read(body, Lease.class);
        LeaseSpec spec = lease.getSpec();
        if (spec == null || spec.getLeaseDurationSeconds() == null || spec.getLeaseTransitions() == null) {
            throw new IllegalArgumentException(
                    "the Lease " + names.leaderLease() + " lacks leaseDurationSeconds or leaseTransitions");
        }
        return new LeaseView(
                Optional.ofNullable(spec.getHolderIdentity()).orElse(""),
                new Epoch(spec.getLeaseTransitions()),
                String.valueOf(spec.getRenewTime()),
                Duration.ofSeconds(spec.getLeaseDurationSeconds()),
                lease.getMetadata().getResourceVersion(),
                annotation(lease.getMetadata(), RecordFormat.ANNOTATION)
                        .map(RecordFormat::parse)
                        .orElseGet(() -> new Parsed.Malformed<>("no annotation " + RecordFormat.ANNOTATION)));
    }

    public List<MemberLease> members(String body) {
        List<MemberLease> members = new ArrayList<>();
        for (Lease lease : read(body, LeaseList.class).getItems()) {
            ObjectMeta metadata = lease.getMetadata();
            if (metadata.getName().startsWith(names.cluster() + "-")) {
                members.add(new MemberLease(
                        names.podOf(metadata.getName()),
                        metadata.getResourceVersion(),
                        annotation(metadata, MemberFormat.ANNOTATION)
                                .map(MemberFormat::parse)
                                .orElseGet(() -> new Parsed.Malformed<>("no annotation " + MemberFormat.ANNOTATION))));
            }
        }
        return members;
    }

    private <T> T read(String body, Class<T> type) {
        try {
            T object = json.unmarshal(body, type);
            if (object == null) {
                throw new IllegalArgumentException("the API answered with nothing");
            }
            return object;
        } catch (KubernetesClientException malformed) {
            throw new IllegalArgumentException(
                    "the API's answer is not readable: " + malformed.getMessage(), malformed);
        }
    }

    private static Optional<String> annotation(ObjectMeta metadata, String name) {
        Map<String, String> annotations = metadata.getAnnotations();
        return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(name));
    }

    /** The leader Lease as a whole; without {@code resourceVersion} it is one to create. */
    public String leader(LeaseDraft draft, Optional<String> resourceVersion, ZonedDateTime renewTime) {
        return json.asJson(lease(names.leaderLease(), resourceVersion.orElse(null), ClusterNames.LEADER)
                .editMetadata()
                .addToAnnotations(RecordFormat.ANNOTATION, RecordFormat.format(draft.record()))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(draft.holder().map(Holder::toString).orElse(""))
                .withLeaseDurationSeconds(Math.toIntExact(draft.duration().toSeconds()))
                .withLeaseTransitions(Math.toIntExact(draft.epoch().number()))
                .withRenewTime(renewTime)
                .endSpec()
                .build());
    }

    /** The member Lease of {@code status} as a whole, whatever version it has. */
    public String member(MemberStatus status, Duration duration, ZonedDateTime renewTime) {
        return json.asJson(lease(names.memberLease(status.pod()), null, ClusterNames.MEMBER)
                .editMetadata()
                .addToAnnotations(MemberFormat.ANNOTATION, MemberFormat.format(status))
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(status.pod() + "/" + status.uid())
                .withLeaseDurationSeconds(Math.toIntExact(duration.toSeconds()))
                .withRenewTime(renewTime)
                .endSpec()
                .build());
    }

    /** What a DELETE says that is meant for one version of an object and for no later one. */
    public String only(String resourceVersion) {
        return json.asJson(new DeleteOptionsBuilder()
                .withApiVersion("v1")
                .withKind("DeleteOptions")
                .withNewPreconditions()
                .withResourceVersion(resourceVersion)
                .endPreconditions()
                .build());
    }

    private LeaseBuilder lease(String name, @Nullable String resourceVersion, String kind) {
        return new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(names.namespace())
                .withResourceVersion(resourceVersion)
                .addToLabels(ClusterNames.CLUSTER_LABEL, names.cluster())
                .addToLabels(ClusterNames.LEASE_LABEL, kind)
                .endMetadata();
    }
}
