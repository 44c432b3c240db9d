package org.pgpod.extensionloader.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.extensionloader.model.Catalog;
import org.pgpod.extensionloader.model.DebPackage;
import org.pgpod.extensionloader.model.DebianVersion;
import org.pgpod.extensionloader.model.Dependency;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.ImagePackages;
import org.pgpod.extensionloader.model.InstalledExtension;
import org.pgpod.extensionloader.model.InstalledPackage;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.LockFile;
import org.pgpod.extensionloader.model.PackageRelation;
import org.pgpod.extensionloader.model.Plan;
import org.pgpod.extensionloader.model.Sha256;
import org.pgpod.extensionloader.model.Stanza;

class ResolverTest {
    private static final String IMAGE = """
            Package: libc6
            Status: install ok installed
            Version: 2.36-9

            Package: postgresql-15
            Status: install ok installed
            Version: 15.18-0+deb12u1
            Provides: postgresql-15-jit-llvm (= 14), postgresql-contrib-15

            Package: removed
            Status: deinstall ok config-files
            Version: 1
            """;
    private static final ImagePackages PRESENT = ImagePackages.of(Stanza.parseAll(IMAGE), Set.of("declared"));

    private final List<DebPackage> offered = new ArrayList<>();
    private LockFile lock = LockFile.NONE;
    private InstalledSet installed = InstalledSet.EMPTY;

    private ResolverTest offer(String name, String version, String depends, String provides) {
        offered.add(new DebPackage(
                name,
                DebianVersion.parse(version),
                Dependency.parseAll(depends),
                Dependency.parseAll(provides).stream()
                        .map(dependency -> dependency.alternatives().getFirst())
                        .toList(),
                "http://repository/",
                "pool/" + name,
                10,
                Sha256.of((name + version).getBytes(StandardCharsets.UTF_8))));
        return this;
    }

    private ResolverTest offer(String name, String version, String depends) {
        return offer(name, version, depends, "");
    }

    private Plan plan(String... entries) {
        List<DesiredExtension> desired =
                List.of(entries).stream().map(DesiredExtension::parse).toList();
        return new Resolver(new PackageNames(15, Map.of()), new Catalog(offered), PRESENT, lock)
                .plan(desired, installed);
    }

    private static List<String> fetched(Plan plan) {
        assertThat(plan.problems()).isEmpty();
        return plan.additions().stream()
                .flatMap(addition -> addition.fetch().stream())
                .map(DebPackage::toString)
                .toList();
    }

    private void assertProblem(Plan plan, String reason) {
        assertThat(plan.additions()).isEmpty();
        assertThat(plan.problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.reason()).contains(reason));
    }

    @Test
    void whatTheImageHasIsNotFetched() {
        offer(
                "postgresql-15-x",
                "1.0-1",
                "postgresql-15, postgresql-15-jit-llvm (>= 14), libc6 (>= 2.4), declared (>= 9)");
        assertThat(fetched(plan("x"))).containsExactly("postgresql-15-x=1.0-1");
    }

    @Test
    void theClosureFollowsVersionsAlternativesAndProvidedNames() {
        offer("postgresql-15-x", "1.0-1", "liba (>= 2), nothing | libb, virtual (>= 3)");
        offer("liba", "1.9", "")
                .offer("liba", "2.1", "libc")
                .offer("libb", "1", "")
                .offer("libc", "1", "liba");
        offer("real", "7", "", "virtual (= 3.1)").offer("unversioned", "8", "", "virtual");
        assertThat(fetched(plan("x")))
                .containsExactlyInAnyOrder("postgresql-15-x=1.0-1", "liba=2.1", "libb=1", "libc=1", "real=7");
    }

    @Test
    void theNewestOrTheRequestedVersionIsTaken() {
        offer("postgresql-15-x", "1.0-1", "")
                .offer("postgresql-15-x", "1.2-1", "")
                .offer("postgresql-15-x", "1.10-1", "");
        assertThat(fetched(plan("x"))).containsExactly("postgresql-15-x=1.10-1");
        assertThat(fetched(plan("x 1.2"))).containsExactly("postgresql-15-x=1.2-1");
        assertProblem(plan("x 3"), "is not version 3");
    }

    @Test
    void aPackageOfTheImageIsNeverReplaced() {
        offer("postgresql-15-x", "1", "libc6 (>= 2.40)").offer("libc6", "2.41", "");
        assertProblem(plan("x"), "libc6=2.41 is part of the image");
        offer("postgresql-15-y", "1", "removed").offer("removed", "1", "");
        assertThat(fetched(plan("y"))).contains("removed=1");
    }

    @Test
    void whatCannotBeHadIsSaidAndHoldsUpNothingElse() {
        offer("postgresql-15-x", "1", "missing (>= 1)").offer("postgresql-15-y", "1", "");
        Plan plan = plan("x", "y", "z");
        assertThat(plan.additions())
                .extracting(addition -> addition.desired().name())
                .containsExactly("y");
        assertThat(plan.describe())
                .contains("load y: postgresql-15-y=1")
                .contains("cannot load x: postgresql-15-x=1 needs missing (>= 1), which nothing satisfies")
                .contains("cannot load z: no repository offers any of postgresql-15-z")
                .contains("download 10 bytes");
    }

    @Test
    void aLockAllowsOnlyWhatItNames() {
        offer("postgresql-15-x", "1", "liba")
                .offer("postgresql-15-x", "2", "liba")
                .offer("liba", "1", "");
        String pinned = "postgresql-15-x=1="
                + Sha256.of("postgresql-15-x1".getBytes(StandardCharsets.UTF_8)).hex();
        lock = LockFile.parse(pinned + "\n");
        assertProblem(plan("x"), "liba=1 is not in the lock file");
        lock = LockFile.parse(pinned + "\nliba=1="
                + Sha256.of("liba1".getBytes(StandardCharsets.UTF_8)).hex());
        assertThat(fetched(plan("x"))).containsExactly("postgresql-15-x=1", "liba=1");
    }

    @Test
    void whatIsLoadedStaysAndIsReused() {
        offer("postgresql-15-x", "2", "liba").offer("liba", "2", "").offer("postgresql-15-y", "1", "liba (>= 1)");
        installed = new InstalledSet(List.of(new InstalledExtension(
                "x", "postgresql-15-x", "1", List.of(part("postgresql-15-x", "1"), part("liba", "1")))));
        assertThat(plan("x").additions()).isEmpty();
        Plan plan = plan("x", "y");
        assertThat(fetched(plan)).containsExactly("postgresql-15-y=1");
        assertThat(plan.additions().getFirst().reuse())
                .extracting(InstalledPackage::toString)
                .contains("liba=1");
        assertThat(fetched(plan("x 2"))).containsExactly("postgresql-15-x=2", "liba=2");
    }

    @Test
    void aSecondVersionOfALoadedLibraryIsRefused() {
        offer("postgresql-15-y", "1", "liba (>= 2)").offer("liba", "2", "");
        installed = new InstalledSet(List.of(new InstalledExtension(
                "x", "postgresql-15-x", "1", List.of(part("postgresql-15-x", "1"), part("liba", "1")))));
        assertProblem(plan("x", "y"), "liba=1 is loaded for another extension");
    }

    private static InstalledPackage part(String name, String version) {
        Sha256 digest = Sha256.of((name + version).getBytes(StandardCharsets.UTF_8));
        return new InstalledPackage(name, DebianVersion.parse(version), digest, List.<PackageRelation>of());
    }

    @Test
    void anUnknownImageHasNoPlan() {
        offer("postgresql-15-x", "1", "");
        Plan plan = new Resolver(
                        new PackageNames(15, Map.of()),
                        new Catalog(offered),
                        ImagePackages.of(List.of(), Set.of()),
                        lock)
                .plan(List.of(DesiredExtension.parse("x")), installed);
        assertProblem(plan, "package list is unknown");
    }
}
