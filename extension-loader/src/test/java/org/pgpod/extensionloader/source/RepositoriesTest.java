package org.pgpod.extensionloader.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.testing.SigningKey;
import org.pgpod.extensionloader.testing.TestPackage;
import org.pgpod.extensionloader.testing.TestRepository;

class RepositoriesTest {
    private static final Set<String> WANTED = Set.of("postgresql-15-x");

    @TempDir
    Path directory;

    private final SigningKey key = SigningKey.create();
    private TestRepository served;
    private Path keyring;

    @BeforeEach
    void serve() throws IOException {
        served = TestRepository.serve(directory.resolve("served"), key);
        keyring = Files.write(directory.resolve("keyring.gpg"), key.keyring());
        served.add("postgresql-15-x", "1.0-1", new TestPackage(), "Depends: libx1 (>= 1) | liby1, libc6");
        served.add("libx1", "1.2-1", new TestPackage(), "Provides: libx (= 1.2), xcompat");
        served.add("unrelated", "9", new TestPackage());
    }

    @AfterEach
    void close() {
        served.close();
    }

    private Repositories repositories(String sources, Limits limits) {
        return new Repositories(new Repositories.Configuration(
                directory, Optional.of(sources), "amd64", directory.resolve("lists"), Duration.ofHours(1), limits));
    }

    private Repositories.Offer offer(Instant now) throws InterruptedException {
        return repositories(served.source(keyring), Limits.DEFAULT).offer(WANTED, image(), now);
    }

    private static ImagePackages image() {
        return ImagePackages.of(List.of(), Set.of("libc6"));
    }

    private static List<DebPackage> wanted(Repositories.Offer offer) {
        return offer.catalog().offering("postgresql-15-x");
    }

    @Test
    void whatIsSignedAndPromisedIsOfferedWithAllItMayNeed() throws Exception {
        served.publish();
        Repositories.Offer offer = offer(Instant.now());
        assertThat(offer.failures()).isEmpty();
        assertThat(wanted(offer)).extracting(DebPackage::toString).containsExactly("postgresql-15-x=1.0-1");
        assertThat(offer.catalog().offering("xcompat"))
                .extracting(DebPackage::name)
                .containsExactly("libx1");
        assertThat(offer.catalog().offering("unrelated")).isEmpty();
        assertThat(served.requests()).anyMatch(path -> path.contains("by-hash/SHA256/"));
        Path deb = directory.resolve("x.deb");
        repositories(served.source(keyring), Limits.DEFAULT).fetch(wanted(offer).getFirst(), deb);
        assertThat(deb).exists();
    }

    @Test
    void aFreshIndexIsNotFetchedAgain() throws Exception {
        served.publish();
        offer(Instant.now());
        int requests = served.requests().size();
        assertThat(wanted(offer(Instant.now()))).hasSize(1);
        assertThat(served.requests()).hasSize(requests);
        assertThat(wanted(offer(Instant.now().plus(Duration.ofHours(2))))).hasSize(1);
        assertThat(served.requests()).hasSize(requests + 1);
    }

    @Test
    void anIndexSignedByAnotherKeyOffersNothing() throws Exception {
        served.publish(Instant.now(), "", SigningKey.create());
        Repositories.Offer offer = offer(Instant.now());
        assertThat(wanted(offer)).isEmpty();
        assertThat(offer.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.reason()).contains("is not in the keyring"));
        assertThat(served.requests()).noneMatch(path -> path.contains("Packages") || path.contains("by-hash"));
    }

    @Test
    void aTamperedIndexIsNotEvenUnpacked() throws Exception {
        served.publish();
        try (var files = Files.walk(served.root())) {
            for (Path index : files.filter(path -> path.toString().contains("binary-amd64"))
                    .filter(Files::isRegularFile)
                    .toList()) {
                byte[] bytes = Files.readAllBytes(index);
                bytes[bytes.length / 2] ^= 1;
                Files.write(index, bytes);
            }
        }
        Repositories.Offer offer = offer(Instant.now());
        assertThat(wanted(offer)).isEmpty();
        assertThat(offer.failures().getFirst().reason()).contains("where the release file promises");
    }

    @Test
    void aTamperedPackageLeavesNothingBehind() throws Exception {
        served.publish();
        DebPackage offered = wanted(offer(Instant.now())).getFirst();
        Path file = served.root().resolve(offered.filename());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        Path target = directory.resolve("x.deb");
        assertThatThrownBy(() ->
                        repositories(served.source(keyring), Limits.DEFAULT).fetch(offered, target))
                .isInstanceOf(Untrusted.class)
                .hasMessageContaining("where the index promises");
        assertThat(target).doesNotExist();
    }

    @Test
    void anExpiredIndexIsRefusedUnlessTheSourceSaysNotToCheck() throws Exception {
        Instant past = Instant.now().minus(Duration.ofDays(9));
        served.publish(past, "Valid-Until: " + TestRepository.date(past.plus(Duration.ofDays(7))) + "\n");
        assertThat(offer(Instant.now()).failures().getFirst().reason()).contains("expired at");
        String unchecked = served.source(keyring) + "Check-Valid-Until: no\n";
        assertThat(wanted(repositories(unchecked, Limits.DEFAULT).offer(WANTED, image(), Instant.now())))
                .hasSize(1);
    }

    @Test
    void anOlderIndexThanTheOneAcceptedBeforeIsRefused() throws Exception {
        Instant now = Instant.now();
        served.publish(now, "");
        offer(now);
        served.publish(now.minus(Duration.ofDays(1)), "");
        Repositories.Offer offer = offer(now.plus(Duration.ofHours(2)));
        assertThat(offer.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.reason()).contains("older");
            assertThat(failure.kept()).isTrue();
        });
        assertThat(wanted(offer)).hasSize(1);
    }

    @Test
    void anotherSuitesIndexIsRefused() throws Exception {
        served.publish();
        Files.move(served.root().resolve("dists/stable"), served.root().resolve("dists/security"));
        String sources = served.source(keyring).replace("Suites: stable", "Suites: security");
        assertThat(repositories(sources, Limits.DEFAULT)
                        .offer(WANTED, image(), Instant.now())
                        .failures()
                        .getFirst()
                        .reason())
                .contains("it is the release file of");
    }

    @Test
    void anUnreachableRepositoryIsServedFromTheLastIndex() throws Exception {
        served.publish();
        offer(Instant.now());
        served.close();
        Repositories.Offer offer = offer(Instant.now().plus(Duration.ofHours(2)));
        assertThat(wanted(offer)).hasSize(1);
        assertThat(offer.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kept()).isTrue());
    }

    @Test
    void sizeAndTimeAreBounded() throws Exception {
        served.publish();
        Limits small = new Limits(100, 1000, 1000, Duration.ofSeconds(10));
        assertThat(repositories(served.source(keyring), small)
                        .offer(WANTED, image(), Instant.now())
                        .failures()
                        .getFirst()
                        .reason())
                .contains("at most 100 allowed");
        try (var silent = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            String sources = served.source(keyring)
                    .replaceFirst("URIs: .*", "URIs: http://127.0.0.1:" + silent.getLocalPort() + "/");
            Limits quick = new Limits(100, 1000, 1000, Duration.ofMillis(300));
            assertThat(repositories(sources, quick)
                            .offer(WANTED, image(), Instant.now())
                            .failures()
                            .getFirst()
                            .reason())
                    .contains("was not received within");
        }
    }

    @Test
    void aDirectoryServesAsARepository() throws Exception {
        served.publish();
        served.close();
        String sources = "deb [signed-by=" + keyring + "] file:" + served.root() + " stable main\n";
        Repositories repositories = repositories(sources, Limits.DEFAULT);
        DebPackage offered =
                wanted(repositories.offer(WANTED, image(), Instant.now())).getFirst();
        repositories.fetch(offered, directory.resolve("x.deb"));
        assertThat(directory.resolve("x.deb")).hasSize(offered.sizeBytes());
    }
}
