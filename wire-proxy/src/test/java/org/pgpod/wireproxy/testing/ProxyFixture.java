package org.pgpod.wireproxy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.lifecycle.SidecarContext;
import org.pgpod.core.pod.LeaseToken.Phase;
import org.pgpod.core.pod.LinuxBootClock;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.core.pod.ProxyAnswer;
import org.pgpod.core.telemetry.MetricsRegistry;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.wireproxy.WireProxyModule;

/**
 * A proxy in front of a real server, with its token, its certificates and its ports, in directories of its own. Starts
 * with a standby's token, which lets sessions in without an end.
 */
public final class ProxyFixture implements AutoCloseable {
    private final PostgresServer postgres;
    private final Path directory = Unprivileged.directory("proxy");
    private final TestCertificates certificates;
    private final String address;
    private final int port = PostgresServer.freePort();
    private final int peerPort;
    private final int adminPort = PostgresServer.freePort();
    private final TokenFile token;
    private final LinuxBootClock clock;
    private final Sidecar sidecar;

    private ProxyFixture(
            PostgresServer postgres, String address, Optional<ProxyFixture> peer, Map<String, String> options) {
        this.postgres = postgres;
        this.address = address;
        this.peerPort = peer.map(ProxyFixture::peerPort).orElseGet(PostgresServer::freePort);
        try {
            Files.createDirectory(directory.resolve("run"));
            Files.createSymbolicLink(directory.resolve("run/sql"), postgres.directory());
            certificates = peer.isPresent()
                    ? peer.get().certificates()
                    : TestCertificates.authority(Files.createDirectory(directory.resolve("authority")));
            issueServerCertificate();
            certificates.issue(peerCertificate(), "peer", "IP:127.0.0.1");
            clock = LinuxBootClock.open();
            token = new TokenFile(directory.resolve("run/lease-token"), clock);
            token.standby(Phase.OPEN);
            Files.writeString(directory.resolve(VerifierSource.ROLE), VerifierSource.PASSWORD + "\n");
            sidecar = create(options);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A proxy with these options besides ports and directories, running. */
    public static ProxyFixture start(PostgresServer postgres, Map<String, String> options) {
        return started(prepare(postgres, options));
    }

    /** The proxy of another pod of the same cluster, at an address of its own. */
    public static ProxyFixture startBeside(
            ProxyFixture peer, PostgresServer postgres, String address, Map<String, String> options) {
        return started(new ProxyFixture(postgres, address, Optional.of(peer), options));
    }

    private static ProxyFixture started(ProxyFixture proxy) {
        try {
            proxy.sidecar.start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return proxy;
    }

    /** The same, not started: for what stands in the way of starting. */
    public static ProxyFixture prepare(PostgresServer postgres, Map<String, String> options) {
        return new ProxyFixture(postgres, "127.0.0.1", Optional.empty(), options);
    }

    private Sidecar create(Map<String, String> options) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "pod:",
                "  cluster: test",
                "  namespace: default",
                "  name: test-0",
                "  uid: uid-0",
                "  address: " + address,
                "  runDirectory: " + directory.resolve("run"),
                "  clientCertificateDirectory: " + clientCertificate(),
                "  peerCertificateDirectory: " + peerCertificate(),
                "  credentialsDirectory: " + directory,
                "  postgresPort: " + postgres.port(),
                "wireProxy:",
                "  address: " + address,
                "  adminAddress: 127.0.0.1",
                "  port: " + port,
                "  peerPort: " + peerPort,
                "  adminPort: " + adminPort));
        options.forEach((key, value) -> lines.add("  " + key + ": " + value));
        Path file = Files.write(directory.resolve("pgpod.yaml"), lines);
        WireProxyModule module = new WireProxyModule();
        try {
            Configuration configuration = Configuration.read(
                    Optional.of(file),
                    Map.of(),
                    List.of(PodSettings.SCHEMA, module.schema()),
                    Set.of("pod", "wireProxy"));
            PodSettings pod = PodSettings.from(configuration.section(PodSettings.SCHEMA));
            SidecarContext context =
                    new SidecarContext(pod, clock, new MetricsRegistry("test").meters(), Map.of(), "test");
            return module.create(configuration.section(module.schema()), context);
        } catch (ConfigurationException wrong) {
            throw new IllegalStateException(wrong);
        }
    }

    public Sidecar sidecar() {
        return sidecar;
    }

    public TokenFile token() {
        return token;
    }

    public PostgresServer postgres() {
        return postgres;
    }

    public int port() {
        return port;
    }

    public int peerPort() {
        return peerPort;
    }

    public int adminPort() {
        return adminPort;
    }

    public Path directory() {
        return directory;
    }

    public Path clientCertificate() {
        return directory.resolve("client");
    }

    public Path peerCertificate() {
        return directory.resolve("peer");
    }

    public TestCertificates certificates() {
        return certificates;
    }

    /** Issues another certificate for the same names, swapped in like a renewed Secret. */
    public void issueServerCertificate() {
        certificates.issue(clientCertificate(), "proxy", "DNS:localhost,IP:127.0.0.1");
    }

    /** A connection with TLS, the certificate verified. */
    public Connection connect() throws SQLException {
        return connect(Map.of());
    }

    /** The same at another port of the proxy. */
    public Connection connectTo(int otherPort) throws SQLException {
        return connect(otherPort, Map.of());
    }

    public Connection connectTo(int otherPort, Map<String, String> properties) throws SQLException {
        return connect(otherPort, properties);
    }

    public Connection connect(Map<String, String> properties) throws SQLException {
        return connect(port, properties);
    }

    private Connection connect(int to, Map<String, String> properties) throws SQLException {
        Properties all = new Properties();
        all.setProperty("user", "postgres");
        all.setProperty("sslmode", "verify-full");
        all.setProperty("sslrootcert", certificates.authorityCertificate().toString());
        all.putAll(properties);
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + to + "/postgres", all);
    }

    /** A connection as the role of pooled clients, at the address of this proxy, without TLS. */
    public Connection connectPooled(String at, Map<String, String> properties) throws SQLException {
        Properties all = new Properties();
        all.setProperty("user", PoolFixture.ROLE);
        all.setProperty("password", PoolFixture.PASSWORD);
        all.setProperty("sslmode", "disable");
        all.putAll(properties);
        return DriverManager.getConnection("jdbc:postgresql://" + at + ":" + port + "/postgres", all);
    }

    /** A libpq connection string for the clients' port. */
    public String libpq(String more) {
        return "host=localhost port=" + port + " user=postgres dbname=postgres sslmode=verify-full sslrootcert="
                + certificates.authorityCertificate() + " " + more;
    }

    /** A libpq connection string for the peers' port, with a client certificate. */
    public String libpqPeer(String user) {
        return "host=127.0.0.1 port=" + peerPort + " user=" + user + " sslmode=verify-ca sslrootcert="
                + peerCertificate().resolve("ca.crt") + " sslcert="
                + peerCertificate().resolve("tls.crt") + " sslkey="
                + privateKey();
    }

    // libpq accepts a key that belongs to root or to its own user and is closed to others.
    private Path privateKey() {
        try {
            Path copy = directory.resolve("peer.key");
            if (!Files.exists(copy)) {
                Files.copy(peerCertificate().resolve("tls.key").toRealPath(), copy);
                Files.setPosixFilePermissions(
                        copy, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
            }
            return copy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The answer to GET on the admin port. */
    public HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI address = URI.create("http://127.0.0.1:" + adminPort + path);
            return client.send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    /** The value of a metric, its labels as written in the text format; 0 when it is not shown. */
    public double metric(String nameWithLabels) {
        try {
            for (String line : admin("/metrics").body().lines().toList()) {
                if (line.startsWith(nameWithLabels + " ")) {
                    return Double.parseDouble(line.substring(nameWithLabels.length() + 1));
                }
            }
            return 0;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** What run/proxy says now. */
    public Optional<ProxyAnswer> answer() throws IOException {
        Path file = directory.resolve("run/proxy");
        return Files.exists(file) ? ProxyAnswer.parse(Files.readString(file)) : Optional.empty();
    }

    /** Waits until the proxy has carried out the token with this number, and returns its answer. */
    public ProxyAnswer awaitAnswer(long sequence) throws IOException {
        Await.until(
                "run/proxy answers token " + sequence,
                () -> answer().map(ProxyAnswer::sequence)
                        .filter(answered -> answered >= sequence)
                        .isPresent());
        return answer().orElseThrow();
    }

    @Override
    public void close() {
        sidecar.stop();
        Unprivileged.delete(directory);
    }
}
