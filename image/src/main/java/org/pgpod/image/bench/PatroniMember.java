package org.pgpod.image.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.image.local.Leftovers;
import org.pgpod.image.local.LocalLayout;
import org.pgpod.image.local.LocalProcess;
import org.pgpod.image.local.LocalUsers;
import org.pgpod.image.local.PodNetwork;

/** One member of a Patroni cluster: Patroni, and the Postgres that it starts. */
final class PatroniMember {
    static final int REST_PORT = 8008;

    private static final long STOP_SECONDS = 60;

    private final int number;
    private final Path directory;
    private final PodNetwork network;
    private final PatroniPrograms programs;
    private final LocalUsers users = new LocalUsers();
    private final Leftovers leftovers;
    private Optional<LocalProcess> patroni = Optional.empty();
    private long rememberedPid;

    PatroniMember(int number, Path cluster, PodNetwork network, PatroniPrograms programs, Leftovers leftovers) {
        this.number = number;
        this.directory = cluster.resolve("patroni-" + number);
        this.network = network;
        this.programs = programs;
        this.leftovers = leftovers;
    }

    String name() {
        return "patroni-" + number;
    }

    String address() {
        return network.address(LocalLayout.host(number));
    }

    /** Patroni's defaults, but for the timings and what a member needs to find the others. */
    void prepare(PatroniSettings settings, String etcd, String password) throws IOException {
        users.directory(directory, LocalUsers.Owner.SERVER, "750");
        Path file = Files.writeString(
                directory.resolve("patroni.yml"),
                """
                scope: bench
                name: %s
                restapi:
                  listen: %s:%d
                  connect_address: %s:%d
                etcd3:
                  hosts: ['%s']
                bootstrap:
                  dcs:
                    ttl: %d
                    loop_wait: %d
                    retry_timeout: %d
                    maximum_lag_on_failover: 1048576
                    postgresql:
                      use_pg_rewind: true
                  initdb:
                    - encoding: UTF8
                    - locale: C
                    - data-checksums
                  pg_hba:
                    - local all all trust
                    - host all all all scram-sha-256
                    - host replication all all scram-sha-256
                """.formatted(
                                        name(),
                                        address(),
                                        REST_PORT,
                                        address(),
                                        REST_PORT,
                                        etcd,
                                        settings.ttl(),
                                        settings.loopWait(),
                                        settings.retryTimeout())
                        + postgres(password));
        users.own(file, LocalUsers.Owner.SERVER, "600");
    }

    private String postgres(String password) {
        return """
                postgresql:
                  listen: %s:%d
                  connect_address: %s:%d
                  data_dir: %s
                  bin_dir: /usr/lib/postgresql/15/bin
                  pgpass: %s/pgpass
                  parameters:
                    unix_socket_directories: %s
                  authentication:
                    superuser: {username: postgres, password: %s}
                    replication: {username: replicator, password: %s}
                    rewind: {username: rewinder, password: %s}
                """.formatted(
                        address(),
                        HostList.PORT,
                        address(),
                        HostList.PORT,
                        data(),
                        directory,
                        directory,
                        password,
                        password,
                        password);
    }

    private Path data() {
        return directory.resolve("data");
    }

    void start() throws IOException {
        LocalProcess process = LocalProcess.start(
                name(),
                network.within(
                        LocalLayout.host(number), users.server(programs.patroni(directory.resolve("patroni.yml")))),
                programs.environment(),
                directory.resolveSibling(name() + ".out"));
        leftovers.remember(process.handle());
        patroni = Optional.of(process);
    }

    boolean alive() {
        return patroni.filter(LocalProcess::alive).isPresent();
    }

    Path output() {
        return directory.resolveSibling(name() + ".out");
    }

    /** Patroni starts Postgres so that it is nobody's child: the next start must find it by itself after a crash. */
    void rememberPostmaster() throws IOException {
        Optional<ProcessHandle> postmaster = postmaster();
        if (postmaster.isPresent() && postmaster.get().pid() != rememberedPid) {
            rememberedPid = postmaster.get().pid();
            leftovers.remember(postmaster.get());
        }
    }

    /** The running postmaster, by its own file; one that has died and left the file behind is not there. */
    private Optional<ProcessHandle> postmaster() throws IOException {
        Path file = data().resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 2 || !lines.get(1).equals(data().toString())) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(handle -> handle.info().command().orElse("").endsWith("/postgres"));
    }

    void killPostmaster() throws IOException {
        postmaster()
                .orElseThrow(() -> new IOException("Postgres does not run in " + name()))
                .destroyForcibly();
    }

    /** SIGKILL to Patroni, Postgres and all that they started. */
    void kill() throws IOException {
        List<ProcessHandle> all = new ArrayList<>();
        Stream.concat(patroni.map(LocalProcess::handle).stream(), postmaster().stream())
                .forEach(process -> {
                    all.add(process);
                    process.descendants().forEach(all::add);
                });
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(process -> process.onExit().join());
    }

    /** SIGTERM to Patroni, which stops Postgres and gives its leadership back; what outlives that is killed. */
    void stop() throws IOException {
        patroni.ifPresent(process -> process.stop(STOP_SECONDS));
        kill();
    }
}
