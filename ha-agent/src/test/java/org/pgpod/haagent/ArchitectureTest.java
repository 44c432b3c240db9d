package org.pgpod.haagent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.ArchitectureRules;
import org.pgpod.haagent.model.LeasePut;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.LeaseTimings;
import org.pgpod.haagent.model.LeaseView;

class ArchitectureTest {
    @Test
    void houseRulesHold() {
        ArchitectureRules.of("haagent").everywhere().smallFiles();
    }

    @Test
    void floorsPointDownAndSiblingsStayApart() {
        ArchitectureRules.of("haagent").floors("api", "loop", "decide", "model").apart("observe", "decide", "act");
    }

    @Test
    void decidingAndTheModelTouchNothingOutside() {
        ArchitectureRules.of("haagent").pure("decide", "model");
    }

    @Test
    void termsAreMadeInOnePlaceFromWhatALeaseStoreAccepted() {
        var classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("org.pgpod.haagent");
        noClasses()
                .that()
                .doNotHaveSimpleName("LeaderLease")
                .should()
                .callMethod(LeaseTerm.class, "granted", LeasePut.Accepted.class, long.class, LeaseTimings.class)
                .check(classes);
        noClasses()
                .that()
                .doNotHaveSimpleName("LeaderLease")
                .should()
                .callMethod(
                        LeaseTerm.class,
                        "promised",
                        LeaseTerm.class,
                        int.class,
                        int.class,
                        long.class,
                        LeaseTimings.class)
                .check(classes);
        noClasses()
                .that()
                .resideInAnyPackage("..decide..", "..loop..", "..model..", "..api..")
                .should()
                .callConstructor(LeasePut.Accepted.class, LeaseView.class)
                .check(classes);
    }
}
