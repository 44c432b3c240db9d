package org.pgpod.extensionloader.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pgpod.extensionloader.install.InstalledFiles;
import org.pgpod.extensionloader.install.PackageStore;
import org.pgpod.extensionloader.install.RelocatedTree;
import org.pgpod.extensionloader.install.ServerImage;
import org.pgpod.extensionloader.install.UnpackLimits;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.InstalledExtension;
import org.pgpod.extensionloader.model.Plan;
import org.pgpod.extensionloader.resolve.PackageNames;
import org.pgpod.extensionloader.source.Limits;
import org.pgpod.extensionloader.source.Repositories;
import org.pgpod.extensionloader.testing.SigningKey;
import org.pgpod.extensionloader.testing.TestPackage;
import org.pgpod.extensionloader.testing.TestRepository;

class SynchronizerTest {
    private static final String SHARE = "./usr/share/postgresql/15/extension/";

    @TempDir
    Path directory;

    private TestRepository served;
    private Path image;
    private Path lockFile;

    @BeforeEach
    void prepare() throws IOException {
        SigningKey key = SigningKey.create();
        Files.write(directory.resolve("keyring.gpg"), key.keyring());
        served = TestRepository.serve(directory.resolve("served"), key);
        lockFile = Files.writeString(directory.resolve("lock"), "");
        image = directory.resolve("image");
        write("usr/lib/postgresql/15/bin/postgres", "the server");
        write("usr/lib/postgresql/15/bin/initdb", "initdb");
        write("usr/lib/postgresql/15/lib/hstore.so", "library");
        write("usr/share/postgresql/15/extension/hstore.control", "default_version = '1.8'\n");
        write("var/lib/dpkg/status", "Package: postgresql-15\nStatus: install ok installed\nVersion: 15.18\n");
    }

    private void write(String path, String content) throws IOException {
        Files.createDirectories(image.resolve(path).resolveSibling("."));
        Files.writeString(image.resolve(path), content);
    }

    @AfterEach
    void close() {
        served.close();
    }

    private static TestPackage extension(String name, String version) {
        return new TestPackage()
                .file("./usr/lib/postgresql/15/lib/" + name + ".so", "library " + version)
                .file(SHARE + name + "--" + version + ".sql", "SELECT 1;")
                .file(SHARE + name + ".control", "default_version = '" + version + "'\n");
    }

    private Synchronizer open() throws IOException {
        ServerImage server = ServerImage.detect(image);
        PackageStore store = new PackageStore(directory, 15, UnpackLimits.DEFAULT);
        Synchronizer synchronizer = new Synchronizer(new Synchronizer.Parts(
                server,
                new PackageNames(15, Map.of()),
                Set.of(),
                Optional.of(lockFile),
                new Repositories(new Repositories.Configuration(
                        directory,
                        Optional.of(served.source(directory.resolve("keyring.gpg"))),
                        "amd64",
                        directory.resolve("lists"),
                        Duration.ZERO,
                        Limits.DEFAULT)),
                store,
                new RelocatedTree(directory, server, store),
                new InstalledFiles(directory, directory.resolve("run/installed.json"))));
        synchronizer.open();
        return synchronizer;
    }

    private static Synchronizer.Report sync(Synchronizer synchronizer, String... entries) throws Exception {
        List<DesiredExtension> desired =
                List.of(entries).stream().map(DesiredExtension::parse).toList();
        return synchronizer.sync(desired, Instant.now());
    }

    private Path library(String name) {
        return directory.resolve("tree/lib/postgresql/15/lib/" + name + ".so");
    }

    private static List<String> names(Synchronizer.Report report) {
        return report.loaded().extensions().stream()
                .map(InstalledExtension::name)
                .toList();
    }

    @Test
    void theTreeIsTheImageUntilSomethingIsLoaded() throws Exception {
        open();
        Path programs = directory.resolve("tree/lib/postgresql/15/bin");
        assertThat(programs.resolve("postgres")).isRegularFile().hasContent("the server");
        assertThat(Files.isSymbolicLink(programs.resolve("postgres"))).isFalse();
        assertThat(Files.readSymbolicLink(programs.resolve("initdb")))
                .isEqualTo(Path.of("/usr/lib/postgresql/15/bin/initdb"));
        assertThat(directory.resolve("tree/lib")).isDirectory();
        assertThat(Files.readSymbolicLink(library("hstore")))
                .isEqualTo(Path.of("/usr/lib/postgresql/15/lib/hstore.so"));
    }

    @Test
    void anExtensionOfTheImageNeedsNoPackage() throws Exception {
        Synchronizer.Report report = sync(open(), "hstore");
        assertThat(names(report)).containsExactly("hstore");
        assertThat(report.repositoryFailures()).isEmpty();
        assertThat(served.requests()).isEmpty();
    }

    @Test
    void aLoadedLibraryIsReplacedByNameAndNeverInPlace() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("x", "1.0")).publish();
        Synchronizer synchronizer = open();
        assertThat(sync(synchronizer, "x").complete()).isTrue();
        Path before = library("x").toRealPath();
        assertThat(before).hasContent("library 1.0");
        served.add("postgresql-15-x", "2.0-1", extension("x", "2.0"))
                .publish(Instant.now().plusSeconds(1), "");
        assertThat(names(sync(synchronizer, "x"))).containsExactly("x");
        assertThat(library("x").toRealPath()).isEqualTo(before);
        assertThat(sync(synchronizer, "x 2").loaded().extensions().getFirst().defaultVersion())
                .isEqualTo("2.0");
        assertThat(library("x")).hasContent("library 2.0");
        assertThat(before).hasContent("library 1.0");
        assertThat(directory.resolve("tree/share/postgresql/15/extension/x--1.0.sql"))
                .doesNotExist();
    }

    @Test
    void aRestartNeedsNoRepositoryForWhatIsInTheStore() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("x", "1.0")).publish();
        String digest = sync(open(), "x").loaded().digest().toString();
        served.close();
        Synchronizer.Report report = sync(open(), "x");
        assertThat(report.complete()).isTrue();
        assertThat(report.loaded().digest()).hasToString(digest);
        assertThat(directory.resolve("run/installed.json")).content().contains(digest, "\"name\":\"postgresql-15-x\"");
    }

    @Test
    void anExtensionNoLongerWantedLeavesTheReportButNotTheServer() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("x", "1.0")).publish();
        Synchronizer synchronizer = open();
        sync(synchronizer, "x");
        assertThat(names(sync(synchronizer))).isEmpty();
        assertThat(library("x")).hasContent("library 1.0");
        open();
        assertThat(library("x")).hasContent("library 1.0");
    }

    @Test
    void aPackageWithoutTheExtensionIsNotLinked() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("other", "1.0")).publish();
        Synchronizer.Report report = sync(open(), "x");
        assertThat(report.installProblems())
                .singleElement()
                .extracting(Plan.Problem::reason)
                .asString()
                .contains("does not hold extension x");
        assertThat(library("other")).doesNotExist();
    }

    @Test
    void oneHostilePackageHoldsUpNothingElse() throws Exception {
        TestPackage hostile = extension("bad", "1.0").symbolicLink(SHARE + "link.sql", "/etc/passwd");
        served.add("postgresql-15-bad", "1.0-1", hostile);
        served.add("postgresql-15-shadow", "1.0-1", extension("shadow", "1").file(SHARE + "hstore.control", "x"));
        served.add("postgresql-15-good", "1.0-1", extension("good", "1.0")).publish();
        Synchronizer.Report report = sync(open(), "bad", "shadow", "good");
        assertThat(names(report)).containsExactly("good");
        assertThat(report.installProblems())
                .extracting(Plan.Problem::reason)
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("leaves the package"),
                        reason -> assertThat(reason).contains("and the image both hold"));
        assertThat(library("bad")).doesNotExist();
        assertThat(library("shadow")).doesNotExist();
    }

    @Test
    void anImageThatChangedGetsATreeOfItsOwn() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("x", "1.0")).publish();
        sync(open(), "x");
        write("usr/lib/postgresql/15/bin/postgres", "a newer server");
        write("usr/share/postgresql/15/extension/x.control", "default_version = '3'\n");
        Files.delete(image.resolve("usr/lib/postgresql/15/lib/hstore.so"));
        Synchronizer.Report report = sync(open(), "x");
        assertThat(directory.resolve("tree/lib/postgresql/15/bin/postgres")).hasContent("a newer server");
        assertThat(report.loaded().extensions().getFirst().defaultVersion()).isEqualTo("3");
        assertThat(Files.isSymbolicLink(library("hstore"))).isFalse();
    }

    @Test
    void aLockFileKeepsEverythingElseOut() throws Exception {
        served.add("postgresql-15-x", "1.0-1", extension("x", "1.0")).publish();
        Files.writeString(lockFile, "postgresql-15-x=1.0-1=" + "0".repeat(64) + "\n");
        assertThat(sync(open(), "x").planProblems())
                .singleElement()
                .extracting(Plan.Problem::reason)
                .asString()
                .contains("not in the lock file");
    }
}
