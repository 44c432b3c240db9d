package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.haagent.act.LeaseWriter;
import org.pgpod.haagent.client.ClusterNames;
import org.pgpod.haagent.client.KubernetesApi;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberLease;
import org.pgpod.haagent.model.Parsed;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.LeaseReader;
import org.pgpod.haagent.testing.TestKubernetes;

/** What the agent relies on in the Lease API; the same claims hold against the stand-in and against a real cluster. */
class KubernetesLeasesTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final Holder FIRST = new Holder("demo-0", "11111111-aaaa");
    private static final Holder SECOND = new Holder("demo-1", "22222222-bbbb");

    // A cluster of its own for each test, because a real API keeps what it was given.
    private final ClusterNames names =
            new ClusterNames("default", "t" + UUID.randomUUID().toString().substring(0, 8));
    private TestKubernetes kubernetes = TestKubernetes.realOrStandIn();
    private KubernetesLeases leases = open(kubernetes.config());

    private KubernetesLeases open(Config config) {
        KubernetesApi api = KubernetesApi.open(config, TIMEOUT);
        return new KubernetesLeases(
                new LeaseReader(api, names), new LeaseWriter(api, names, Duration.ofSeconds(30), ZonedDateTime::now));
    }

    @BeforeEach
    void namesAreFree() {
        assertThat(leases.readLeader(TIMEOUT)).isEqualTo(Reading.of(Optional.empty()));
    }

    @AfterEach
    void stop() {
        kubernetes.close();
    }

    private static LeaseDraft draft(Holder holder, long epoch) {
        return new LeaseDraft(Optional.of(holder), Duration.ofSeconds(6), ClusterRecord.first(new Epoch(epoch)));
    }

    private LeaseView created() {
        LeasePut put = leases.createLeader(draft(FIRST, 1), TIMEOUT);
        assertThat(put).isInstanceOf(LeasePut.Accepted.class);
        return ((LeasePut.Accepted) put).stored();
    }

    private LeaseView read() {
        return ((Reading.Value<Optional<LeaseView>>) leases.readLeader(TIMEOUT))
                .value()
                .orElseThrow();
    }

    @Test
    void whatWasCreatedIsRead() {
        LeaseView stored = created();
        LeaseView read = read();
        assertThat(read).isEqualTo(stored);
        assertThat(read.isHeldBy(FIRST)).isTrue();
        assertThat(read.epoch()).isEqualTo(new Epoch(1));
        assertThat(read.duration()).isEqualTo(Duration.ofSeconds(6));
        assertThat(read.record()).isEqualTo(new Parsed.Valid<>(ClusterRecord.first(new Epoch(1))));
    }

    @Test
    void aSecondCreationConflicts() {
        created();
        assertThat(leases.createLeader(draft(SECOND, 1), TIMEOUT)).isEqualTo(new LeasePut.Conflict());
        assertThat(read().isHeldBy(FIRST)).isTrue();
    }

    @Test
    void eachRenewalMovesVersionAndRenewTime() {
        LeaseView before = created();
        LeasePut put = leases.replaceLeader(draft(FIRST, 1), before.resourceVersion(), TIMEOUT);
        LeaseView after = ((LeasePut.Accepted) put).stored();
        assertThat(after.resourceVersion()).isNotEqualTo(before.resourceVersion());
        assertThat(after.isSameRenewalAs(before)).isFalse();
        assertThat(read()).isEqualTo(after);
    }

    @Test
    void anOldVersionConflictsAndStoresNothing() {
        LeaseView before = created();
        leases.replaceLeader(draft(FIRST, 1), before.resourceVersion(), TIMEOUT);
        LeaseView after = read();
        assertThat(leases.replaceLeader(draft(SECOND, 2), before.resourceVersion(), TIMEOUT))
                .isEqualTo(new LeasePut.Conflict());
        assertThat(read()).isEqualTo(after);
    }

    @Test
    void aReleaseKeepsTheEpoch() {
        LeaseView before = created();
        LeaseDraft released =
                new LeaseDraft(Optional.empty(), Duration.ofSeconds(6), ClusterRecord.first(new Epoch(1)));
        leases.replaceLeader(released, before.resourceVersion(), TIMEOUT);
        assertThat(read().isHeld()).isFalse();
        assertThat(read().epoch()).isEqualTo(new Epoch(1));
    }

    @Test
    void replacingWhatIsNotThereIsMissing() {
        assertThat(leases.replaceLeader(draft(FIRST, 1), "1", TIMEOUT)).isEqualTo(new LeasePut.Missing());
    }

    @Test
    void membersAreListedWithoutTheLeader() {
        created();
        assertThat(leases.putMember(TestMembers.streaming("demo-0"), TIMEOUT)).isEqualTo(new Effect.Changed());
        assertThat(leases.putMember(TestMembers.streaming("demo-1"), TIMEOUT)).isEqualTo(new Effect.Changed());
        assertThat(leases.putMember(TestMembers.streaming("demo-1"), TIMEOUT)).isEqualTo(new Effect.Changed());
        List<MemberLease> members = ((Reading.Value<List<MemberLease>>) leases.readMembers(TIMEOUT)).value();
        assertThat(members).extracting(MemberLease::pod).containsExactlyInAnyOrder("demo-0", "demo-1");
        assertThat(members).allMatch(member -> member.status() instanceof Parsed.Valid);
    }

    @Test
    void anApiThatIsNotThereStoresNothing() {
        Config nobody = new ConfigBuilder(Config.empty())
                .withMasterUrl("http://127.0.0.1:" + PostgresServer.freePort())
                .build();
        assertThat(open(nobody).createLeader(draft(FIRST, 1), TIMEOUT)).isInstanceOf(LeasePut.Failed.class);
    }

    @Test
    void anApiThatDoesNotAnswerLeavesTheResultUnknownWithinTheLimit() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
            Config config = new ConfigBuilder(Config.empty())
                    .withMasterUrl("http://127.0.0.1:" + silent.getLocalPort())
                    .build();
            long start = System.nanoTime();
            assertThat(open(config).createLeader(draft(FIRST, 1), Duration.ofMillis(300)))
                    .isInstanceOf(LeasePut.Unknown.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
        }
    }
}
