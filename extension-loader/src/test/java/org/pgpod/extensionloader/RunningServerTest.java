package org.pgpod.extensionloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.core.lifecycle.Sidecar;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.core.testing.Unprivileged;
import org.pgpod.extensionloader.testing.FakeAgent;
import org.pgpod.extensionloader.testing.LoaderPod;
import org.pgpod.extensionloader.testing.MachineMirror;
import org.pgpod.extensionloader.testing.TreeServer;

/** The distribution's own packages, signatures and indices, and a real server that is never restarted. */
class RunningServerTest {
    private static final String START_TIME = "SELECT pg_postmaster_start_time()";
    private static final String SEMVER = "SELECT '1.10.0'::semver > '1.9.0'::semver";

    private Path directory;
    private FakeAgent agent;

    @BeforeEach
    void prepare() throws Exception {
        directory = Unprivileged.directory("loader");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        agent = FakeAgent.serve();
    }

    @AfterEach
    void cleanUp() {
        agent.close();
        Unprivileged.delete(directory);
    }

    @Test
    void extensionsLoadIntoARunningServer() throws Exception {
        Path mirrored = Files.createDirectories(directory.resolve("mirror"));
        Optional<MachineMirror> found =
                MachineMirror.of(mirrored, List.of("postgresql-15-semver", "postgresql-15-hypopg"));
        assumeTrue(found.isPresent(), "apt has no lists on this machine, or cannot fetch");
        try (MachineMirror mirror = found.get()) {
            Path sources = Files.writeString(directory.resolve("repositories"), mirror.sources());
            // The server's port is not known before the tree exists, which is built by the init container's pass.
            LoaderPod init = new LoaderPod(directory, 5433, 9190, "repositories: " + sources);
            assertThat(init.firstSync()).isTrue();
            Map<String, String> environment =
                    Map.of("LD_LIBRARY_PATH", init.tree().resolve("lib").toString());
            try (TreeServer server = TreeServer.start(init.programs(), environment, LoaderPod.PASSWORD);
                    Connection early = server.connect("postgres")) {
                String lines = "repositories: " + sources + "\nagentUrl: " + agent.url();
                LoaderPod pod = new LoaderPod(directory, server.port(), PostgresServer.freePort(), lines);
                Sidecar sidecar = pod.sidecar();
                sidecar.start();
                try {
                    loadTwo(pod, sidecar, server, early);
                } finally {
                    sidecar.stop();
                }
            }
        }
    }

    private void loadTwo(LoaderPod pod, Sidecar sidecar, TreeServer server, Connection early) throws Exception {
        String started = server.query("postgres", START_TIME);
        server.query("postgres", "CREATE DATABASE app");
        agent.says("primary", List.of("sha256:old", "sha256:old"));
        pod.want("semver databases=postgres,app");
        Await.until("semver is loaded", () -> pod.installed().contains("postgresql-15-semver"));
        Await.until(
                "it waits for the other member",
                () -> sidecar.health()
                        .details()
                        .getOrDefault("database app extension semver", "")
                        .startsWith("not every member"));
        agent.says("primary", List.of(pod.digest(), "sha256:old"));
        Await.until(
                "it names the member",
                () -> sidecar.health()
                        .details()
                        .getOrDefault("database app extension semver", "")
                        .endsWith(": demo-1"));
        assertThat(server.query("app", "SELECT count(*) FROM pg_extension WHERE extname = 'semver'"))
                .isEqualTo("0");
        agent.says("primary", List.of(pod.digest(), pod.digest()));
        Await.until(
                "semver is created in both",
                () -> created(sidecar, "postgres", "semver") && created(sidecar, "app", "semver"));
        assertThat(server.query("app", SEMVER)).isEqualTo("t");
        assertThat(TreeServer.query(early, SEMVER)).isEqualTo("t");

        pod.want("semver databases=postgres,app", "hypopg 1.3");
        Await.until("hypopg is loaded", () -> pod.installed().contains("postgresql-15-hypopg"));
        agent.says("primary", List.of(pod.digest(), pod.digest()));
        Await.until("hypopg is created", () -> created(sidecar, "postgres", "hypopg"));
        TreeServer.query(early, "CREATE TABLE t AS SELECT generate_series(1, 10) AS a");
        assertThat(TreeServer.query(early, "SELECT count(*) FROM hypopg_create_index('CREATE INDEX ON t (a)')"))
                .isEqualTo("1");
        assertThat(server.query("postgres", START_TIME)).isEqualTo(started);
        assertThat(page(pod, "/metrics"))
                .contains("pgpod_extension_loaded 2.0")
                .contains("pgpod_extension_creations_total{outcome=\"created\"} 3.0");
        assertThat(page(pod, "/readyz")).contains("extension hypopg: loaded version 1.3.1 from postgresql-15-hypopg=");
    }

    private static boolean created(Sidecar sidecar, String database, String extension) {
        return "created".equals(sidecar.health().details().get("database " + database + " extension " + extension));
    }

    private static String page(LoaderPod pod, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + pod.adminPort() + path);
            return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }
}
