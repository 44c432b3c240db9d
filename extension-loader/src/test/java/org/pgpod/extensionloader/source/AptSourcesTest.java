package org.pgpod.extensionloader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AptSourcesTest {
    private final AptSources sources = new AptSources("amd64");

    @Test
    void deb822NamesEverySuiteOfEveryAddress() {
        List<RepositorySuite> suites = sources.readText("""
                Types: deb deb-src
                # where it is
                URIs: http://one.example/debian https://two.example/debian/
                Suites: stable stable-updates
                Components: main contrib
                Signed-By: /etc/keys/one.gpg
                Check-Valid-Until: no

                Types: deb
                Enabled: no
                URIs: http://three.example
                Suites: x

                Types: deb
                Architectures: arm64
                URIs: http://four.example
                Suites: x
                """);
        assertThat(suites).hasSize(4).allMatch(suite -> suite.expiry() == RepositorySuite.Expiry.IGNORED);
        assertThat(suites.getFirst().inSuite("InRelease"))
                .isEqualTo(URI.create("http://one.example/debian/dists/stable/InRelease"));
        assertThat(suites.getFirst().components()).containsExactly("main", "contrib");
        assertThat(suites.getFirst().trust()).isEqualTo(new Trust.KeyFiles(List.of(Path.of("/etc/keys/one.gpg"))));
    }

    @Test
    void oneLineEntriesAreReadWithTheirOptions() {
        List<RepositorySuite> suites = sources.readText("""
                # comment
                deb [arch=amd64,arm64 signed-by=/k.asc] http://one.example/apt stable-pgdg main 15 # more
                deb-src http://one.example/apt stable main
                deb [arch=arm64] http://two.example stable main
                deb file:/srv/repo ./
                """);
        assertThat(suites).hasSize(2);
        assertThat(suites.getFirst().components()).containsExactly("main", "15");
        assertThat(suites.getFirst().expiry()).isEqualTo(RepositorySuite.Expiry.ENFORCED);
        assertThat(suites.getLast().inSuite("InRelease").getPath()).isEqualTo("/srv/repo/InRelease");
        assertThat(suites.getLast().trust()).isEqualTo(new Trust.MachineKeys(List.of()));
    }

    @Test
    void theMachinesDirectoryIsReadInOrder(@TempDir Path apt) throws IOException {
        Path parts = Files.createDirectories(apt.resolve("sources.list.d"));
        Files.writeString(apt.resolve("sources.list"), "deb http://a.example s main\n");
        Files.writeString(parts.resolve("c.list"), "deb http://c.example s main\n");
        Files.writeString(
                parts.resolve("b.sources"), "Types: deb\nURIs: http://b.example\nSuites: s\nComponents: main\n");
        Files.writeString(parts.resolve("d.list.disabled"), "deb http://d.example s main\n");
        assertThat(sources.readDirectory(apt))
                .extracting(suite -> suite.uri().getHost())
                .containsExactly("a.example", "b.example", "c.example");
    }

    @Test
    void keysMayBeEmbeddedOrNamedByFingerprint() {
        List<RepositorySuite> embedded = sources.deb822("""
                Types: deb
                URIs: http://a.example
                Suites: s
                Components: main
                Signed-By:
                 -----BEGIN PGP PUBLIC KEY BLOCK-----
                 .
                 AAAA
                 -----END PGP PUBLIC KEY BLOCK-----
                """);
        assertThat(embedded.getFirst().trust())
                .isInstanceOfSatisfying(
                        Trust.Embedded.class, key -> assertThat(key.armored()).contains("BLOCK-----\n\nAAAA\n"));
        assertThat(sources.oneLine("deb [signed-by=0123456789ABCDEF0123456789ABCDEF01234567] http://a s main")
                        .getFirst()
                        .trust())
                .isEqualTo(new Trust.MachineKeys(List.of("0123456789ABCDEF0123456789ABCDEF01234567")));
    }

    @Test
    void addressesWithCredentialsAndSuitesThatClimbAreRefused() {
        assertThatThrownBy(() -> sources.oneLine("deb http://me:secret@a.example s main"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> sources.oneLine("deb http://a.example ../s main"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
