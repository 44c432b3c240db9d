package org.pgpod.extensionloader.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterLibrariesTest {
    private static final Sha256 OWN = Sha256.of("own".getBytes(StandardCharsets.UTF_8));

    private static ClusterLibraries.Member member(String name, String libraries) {
        return new ClusterLibraries.Member(name, Optional.of(libraries));
    }

    @Test
    void theWayIsOpenOnlyWhenEveryMemberHasTheSame() {
        ClusterLibraries.Member same = member("a", OWN.toString());
        assertThat(new ClusterLibraries("primary", List.of(same, same)).objection(OWN))
                .isEmpty();
        assertThat(new ClusterLibraries("primary", List.of()).objection(OWN)).isPresent();
        assertThat(new ClusterLibraries("primary", List.of(same, member("b", "sha256:00"))).objection(OWN))
                .hasValueSatisfying(reason -> assertThat(reason).endsWith(": b"));
        ClusterLibraries.Member silent = new ClusterLibraries.Member("c", Optional.empty());
        assertThat(new ClusterLibraries("primary", List.of(same, silent)).objection(OWN))
                .hasValueSatisfying(reason -> assertThat(reason).endsWith(": c"));
    }

    @Test
    void theDigestDependsOnContentAlone() {
        InstalledPackage part = new InstalledPackage("p", DebianVersion.parse("1"), OWN, List.of());
        InstalledExtension x = new InstalledExtension("x", "p", "1", List.of(part));
        InstalledExtension y = new InstalledExtension("y", "q", "1", List.of(part));
        assertThat(new InstalledSet(List.of(x, y)).digest()).isEqualTo(new InstalledSet(List.of(y, x)).digest());
        assertThat(new InstalledSet(List.of(x)).digest()).isNotEqualTo(InstalledSet.EMPTY.digest());
    }
}
