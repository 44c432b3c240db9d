package org.pgpod.haagent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.core.admin.AdminServer;
import org.pgpod.core.lifecycle.Health;
import org.pgpod.core.pod.Credential;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.TestCertificates;
import org.pgpod.haagent.client.AgentHttp;
import org.pgpod.haagent.client.AgentTls;

/** Who may change something, proved by real handshakes with a server that does nothing else. */
class CallerTest {
    private static final String AGENTS = "DNS:db.default.svc";
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    @TempDir
    private Path base;

    private TestCertificates authority(String name) {
        return TestCertificates.authority(directory(name + "-ca"));
    }

    private Path directory(String name) {
        try {
            return Files.createDirectories(base.resolve(name));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Path secret(TestCertificates authority, String name, String names) {
        Path secret = directory(name);
        authority.issue(secret, name, names);
        return secret;
    }

    private TestCertificates members;
    private TestCertificates people;
    private Path server;
    private Path token;

    @BeforeEach
    void issue() throws IOException {
        members = authority("members");
        people = authority("people");
        server = secret(members, "server", AGENTS);
        token = Files.writeString(base.resolve("token"), "secret\n");
    }

    @AfterEach
    void close() throws Exception {
        while (!opened.isEmpty()) {
            opened.pop().close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.push(resource);
        return resource;
    }

    private Optional<Path> clientAuthority() {
        return Optional.of(people.authorityCertificate());
    }

    private AgentTls tls(Optional<Path> clientAuthorities) throws IOException {
        return opened(AgentTls.ofAgent(server, clientAuthorities));
    }

    /** A server that says ok to whoever is admitted. */
    private URI serve(Optional<AgentTls> tls, Optional<AgentTls> listener) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        AdminServer bound = opened(
                listener.isPresent() ? AdminServer.bind(any, listener.get().server()) : AdminServer.bind(any));
        Caller caller = new Caller(new Credential(token), tls);
        bound.handle(
                        "/change",
                        exchange -> caller.refusal(exchange)
                                .orElseGet(() -> Reply.of(Reply.OK, "changed"))
                                .send(exchange))
                .health(() -> Health.ready(Map.of()))
                .start();
        return URI.create((listener.isPresent() ? "https" : "http") + "://127.0.0.1:"
                + bound.address().getPort() + "/");
    }

    private AgentHttp asking(Path certificates, Optional<String> serverName) throws IOException {
        return opened(new AgentHttp(Optional.of(AgentTls.ofCaller(certificates, serverName)), LIMIT));
    }

    /** One who can verify the server and shows nothing. */
    private AgentHttp nobody() throws IOException {
        Path directory = directory("nobody");
        Files.copy(
                members.authorityCertificate(),
                directory.resolve("ca.crt"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return asking(directory, Optional.of("db.default.svc"));
    }

    /** One of the people, who verifies the server by its name. */
    private AgentHttp person(TestCertificates authority) throws IOException {
        Path directory = secret(authority, "person", "DNS:operator");
        Files.copy(
                members.authorityCertificate(),
                directory.resolve("..data").resolve("ca.crt"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return asking(directory, Optional.of("db.default.svc"));
    }

    private static HttpResponse<String> post(AgentHttp http, URI server, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve("change"))
                .timeout(LIMIT)
                .POST(HttpRequest.BodyPublishers.ofString("{}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build());
    }

    private static HttpResponse<String> ready(AgentHttp http, URI server) throws Exception {
        return http.send(HttpRequest.newBuilder(server.resolve("readyz")).build());
    }

    @Test
    void theTokenAdmitsOverTlsAndNothingDoesWithoutTls() throws Exception {
        AgentTls tls = tls(Optional.empty());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        URI plain = serve(Optional.of(tls), Optional.empty());
        assertThat(post(nobody(), secured).statusCode()).isEqualTo(401);
        assertThat(post(nobody(), secured, "Authorization", "Bearer wrong").statusCode())
                .isEqualTo(401);
        assertThat(post(nobody(), secured, "Authorization", "Bearer secret").statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = post(nobody(), plain, "Authorization", "Bearer secret");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("restTlsPort");
        Files.delete(token);
        HttpResponse<String> closed = post(nobody(), secured, "Authorization", "Bearer secret");
        assertThat(closed.statusCode()).isEqualTo(403);
        assertThat(closed.body()).contains(token.toString());
        assertThat(ready(nobody(), secured).statusCode()).isEqualTo(200);
        assertThat(ready(nobody(), plain).statusCode()).isEqualTo(200);
    }

    @Test
    void aCertificateOfThePeoplesAuthorityAdmits() throws Exception {
        AgentTls tls = tls(clientAuthority());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        assertThat(post(person(people), secured).statusCode()).isEqualTo(200);
        HttpResponse<String> none = post(nobody(), secured);
        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(none.body()).contains("client certificate");
        assertThat(post(nobody(), secured, "Authorization", "Bearer secret").statusCode())
                .isEqualTo(200);
        assertThat(ready(nobody(), secured).statusCode()).isEqualTo(200);
        Files.delete(token);
        assertThat(post(nobody(), secured).statusCode()).isEqualTo(401);
        assertThat(post(person(people), secured).statusCode()).isEqualTo(200);
    }

    @Test
    void certificatesOfStrangersEndTheHandshake() throws Exception {
        AgentTls tls = tls(clientAuthority());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        AgentHttp stranger = person(authority("elsewhere"));
        assertThatIOException().isThrownBy(() -> post(stranger, secured));
        // The authority of the agents vouches for agents alone, which share a name.
        AgentHttp notAnAgent = person(members);
        assertThatIOException().isThrownBy(() -> post(notAnAgent, secured));
    }

    @Test
    void anotherAgentIsKnownByTheNameThatBothCertificatesBear() throws Exception {
        AgentTls tls = tls(clientAuthority());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        AgentHttp agent = asking(secret(members, "agent", "DNS:db-1.db," + AGENTS), Optional.empty());
        assertThat(post(agent, secured).statusCode()).isEqualTo(200);
    }

    @Test
    void aServerMustBearTheNameOrTheAddress() throws Exception {
        Path other = secret(members, "other", "DNS:other.default.svc");
        AgentHttp otherCluster = asking(other, Optional.empty());
        AgentTls tls = tls(Optional.empty());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        assertThatExceptionOfType(SSLException.class)
                .isThrownBy(() -> ready(otherCluster, secured))
                .withStackTraceContaining("neither that address nor a name");
        AgentHttp misled = asking(other, Optional.of("operator.default.svc"));
        assertThatExceptionOfType(SSLException.class)
                .isThrownBy(() -> ready(misled, secured))
                .withStackTraceContaining("no name operator.default.svc");
        AgentHttp named = asking(other, Optional.of("db.default.svc"));
        assertThat(ready(named, secured).statusCode()).isEqualTo(200);
        AgentHttp distrustful = asking(secret(authority("else"), "else", AGENTS), Optional.empty());
        assertThatExceptionOfType(SSLException.class).isThrownBy(() -> ready(distrustful, secured));
        members.issue(server, "server", "IP:127.0.0.1");
        Await.until("the certificate with the address is shown", LIMIT, () -> {
            try (AgentHttp fresh = new AgentHttp(Optional.of(AgentTls.ofCaller(other, Optional.empty())), LIMIT)) {
                return ready(fresh, secured).statusCode() == 200;
            } catch (SSLException stillTheOldOne) {
                return false;
            }
        });
    }

    @Test
    void aReplacedCertificateIsShownAndABrokenOneIsNot() throws Exception {
        AgentTls tls = tls(Optional.empty());
        URI secured = serve(Optional.of(tls), Optional.of(tls));
        Path broken = Files.createDirectories(server.resolve("..broken"));
        Files.writeString(broken.resolve("tls.crt"), "nonsense");
        TestCertificates.publish(server, broken);
        Await.until(
                "the broken files were looked at", LIMIT, () -> tls.problem().isPresent());
        assertThat(ready(nobody(), secured).statusCode()).isEqualTo(200);
        members.issue(server, "renewed", "DNS:renewed," + AGENTS);
        AgentHttp byNewName = asking(server, Optional.of("renewed"));
        Await.until("the new certificate is shown", LIMIT, () -> {
            try {
                return ready(byNewName, secured).statusCode() == 200;
            } catch (SSLException stillTheOldOne) {
                return false;
            }
        });
    }

    @Test
    void certificatesThatCannotWorkAreRefusedAtTheStart() {
        assertThatIOException()
                .isThrownBy(() -> AgentTls.ofAgent(directory("empty"), Optional.empty()))
                .withMessageContaining("is missing");
        assertThatIOException()
                .isThrownBy(() -> AgentTls.ofAgent(server, Optional.of(base.resolve("nowhere.crt"))))
                .withMessageContaining("nowhere.crt is missing");
    }
}
