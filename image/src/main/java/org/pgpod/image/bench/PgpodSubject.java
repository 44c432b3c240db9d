package org.pgpod.image.bench;

import java.io.IOException;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.function.Consumer;
import org.pgpod.core.pod.LeaseToken;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.image.local.LocalCluster;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalPod;
import org.pgpod.image.local.PodNetwork;
import org.pgpod.image.pod.PreStopHook;

/** Three whole pods, reached through their proxies over verified TLS. */
final class PgpodSubject implements Subject {
    static final String NAME = "bench-failover";

    private final LocalCluster cluster;

    PgpodSubject(LocalCluster cluster) {
        this.cluster = cluster;
    }

    static PgpodSubject start(PodNetwork network, String preset, Duration apiDelay, Consumer<String> progress)
            throws IOException, InterruptedException {
        return new PgpodSubject(LocalCluster.start(LocalLayout.named(NAME, network), preset, apiDelay, progress));
    }

    @Override
    public String name() {
        return "pgpod";
    }

    @Override
    public boolean formed() throws InterruptedException {
        return cluster.formed();
    }

    @Override
    public Optional<Integer> primary() throws InterruptedException {
        return cluster.primary().map(cluster.pods()::indexOf);
    }

    @Override
    public long term() throws InterruptedException {
        return cluster.epoch();
    }

    private LocalPod pod(int member) {
        return cluster.pods().get(member);
    }

    @Override
    public void kill(int member) {
        pod(member).kill();
    }

    @Override
    public void killPostmaster(int member) throws IOException {
        pod(member).killPostmaster();
    }

    @Override
    public void delete(int member) throws IOException, InterruptedException {
        pod(member).delete(PreStopHook.script(pod(member).runDirectory().toString()));
    }

    @Override
    public void start(int member) throws IOException, InterruptedException {
        pod(member).start();
    }

    @Override
    public void switchover(int from) throws IOException, InterruptedException {
        cluster.switchover(pod(from));
    }

    @Override
    public Load.Route route() {
        Connections all = connections(cluster.pods(), "primary");
        return all::open;
    }

    @Override
    public Load.Route route(int member) {
        Connections one = connections(List.of(pod(member)), "any");
        return one::open;
    }

    private record Connections(String url, Properties properties) {
        java.sql.Connection open() throws SQLException {
            return DriverManager.getConnection(url, properties);
        }
    }

    private Connections connections(List<LocalPod> pods, String wanted) {
        Properties properties = HostList.properties(wanted);
        try {
            properties.setProperty("password", cluster.password("postgres"));
        } catch (IOException gone) {
            throw new java.io.UncheckedIOException(gone);
        }
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty(
                "sslrootcert", cluster.layout().authorityCertificate().toString());
        return new Connections(HostList.url(pods.stream().map(LocalPod::address).toList()), properties);
    }

    /** The token of a member that cannot renew says it to the millisecond. */
    @Override
    public OptionalLong writeRightEndsNanos(int member, long cutNanos) throws IOException {
        Optional<LeaseToken> token = pod(member).token().filter(last -> last.role() == LeaseToken.Role.PRIMARY);
        if (token.isEmpty()) {
            return OptionalLong.empty();
        }
        long leftMillis = token.get().untilMillis() - LinuxBootClock.open().nowMillis();
        return OptionalLong.of(System.nanoTime() + Duration.ofMillis(leftMillis).toNanos());
    }

    @Override
    public void close() {
        // An interrupted thread could not wait for what is being ended.
        boolean interrupted = Thread.interrupted();
        cluster.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
