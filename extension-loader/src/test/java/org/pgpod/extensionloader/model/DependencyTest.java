package org.pgpod.extensionloader.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DependencyTest {
    @Test
    void aFieldIsReadWithAlternativesVersionsAndArchitectures() {
        assertThat(Dependency.parseAll("libc6 (>= 2.35), perl:any, debconf (>= 0.5) | debconf-2.0, x(<<2~)")
                        .toString())
                .isEqualTo("[libc6 (>= 2.35), perl, debconf (>= 0.5) | debconf-2.0, x (<< 2~)]");
        assertThat(Dependency.parseAll(" ")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "<<, 0.9, true",
        "<<, 1.0, false",
        "<=, 1.0, true",
        "<=, 1.1, false",
        "=, 1.0, true",
        "=, 1.0-1, false",
        ">=, 1.0, true",
        ">=, 1.0~rc1, false",
        ">>, 1.0, false",
        ">>, 1.0-1, true"
    })
    void eachRelationHoldsWhereItShould(String operator, String version, boolean expected) {
        PackageRelation relation = PackageRelation.parse("x (" + operator + " 1.0)");
        assertThat(relation.satisfiedBy(DebianVersion.parse(version))).isEqualTo(expected);
    }

    @Test
    void onlyAVersionedProvisionSatisfiesAVersionedRelation() {
        PackageRelation wanted = PackageRelation.parse("jit (>= 14)");
        assertThat(wanted.satisfiedByProvision(PackageRelation.parse("jit (= 14)")))
                .isTrue();
        assertThat(wanted.satisfiedByProvision(PackageRelation.parse("jit (= 13)")))
                .isFalse();
        assertThat(wanted.satisfiedByProvision(PackageRelation.parse("jit"))).isFalse();
        assertThat(PackageRelation.parse("jit").satisfiedByProvision(PackageRelation.parse("jit")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x (> 1)", "x (= )", "../x", "x y", "x (= 1) z", "(= 1)"})
    void whatIsNoRelationIsRefused(String text) {
        assertThatThrownBy(() -> PackageRelation.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
