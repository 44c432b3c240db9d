package org.pgpod.core.testing;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The rules of the house that every module's {@code ArchitectureTest} calls: modules apart, no package cycles, floors
 * whose arrows point down, pure packages free of the outside world, no mutable static state, small files.
 */
public final class ArchitectureRules {
    /** A longer source file is to be split. */
    public static final int FILE_LINES_MAX = 400;

    /** A longer method is to be split. */
    public static final int METHOD_LINES_MAX = 70;

    private static final String ROOT = "org.pgpod.";
    private static final List<String> MODULES =
            List.of("haagent", "wireproxy", "exporter", "logshipper", "extensionloader", "image");
    private static final String[] OUTSIDE_WORLD = {
        "java.net..",
        "java.sql..",
        "java.nio.channels..",
        "java.nio.file..",
        "java.util.concurrent..",
        "org.slf4j..",
        "io.fabric8..",
        "org.postgresql..",
        "com.sun.net..",
        "io.micrometer.."
    };

    private final String module;
    private final JavaClasses classes;

    private ArchitectureRules(String module) {
        this.module = module;
        this.classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT + module);
        if (classes.isEmpty()) {
            throw new IllegalStateException("no classes of " + ROOT + module + " were found");
        }
    }

    /** The rules for {@code org.pgpod.<module>}; {@code core} and the sidecars also get the rule that keeps modules apart. */
    public static ArchitectureRules of(String module) {
        return new ArchitectureRules(module);
    }

    /** What holds in every module. */
    public ArchitectureRules everywhere() {
        if (!module.equals("image")) {
            String[] others = MODULES.stream()
                    .filter(other -> !other.equals(module))
                    .map(other -> ROOT + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .check(classes);
        }
        slices().matching(ROOT + module + ".(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(classes);
        fields().that()
                .areStatic()
                .and()
                .areNotFinal()
                .should()
                .bePrivate()
                .andShould()
                .haveModifier(JavaModifier.FINAL)
                .because("static state that changes is shared by everything")
                .allowEmptyShould(true)
                .check(classes);
        return this;
    }

    /** Only these classes (simple names) may read the environment of the process. */
    public ArchitectureRules environmentOnlyIn(String... wiring) {
        noClasses()
                .that()
                .doNotHaveSimpleName(wiring.length > 0 ? wiring[0] : "")
                .and(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are not wiring", type -> !List.of(wiring).contains(type.getSimpleName())))
                .should()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .check(classes);
        return this;
    }

    /** These packages (relative, such as {@code decide}) touch no file, socket, SQL, clock, random, thread or logger. */
    public ArchitectureRules pure(String... packages) {
        String[] names = Stream.of(packages)
                .map(name -> ROOT + module + "." + name + "..")
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAnyPackage(names)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(OUTSIDE_WORLD)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, java.util.Random.class, java.util.UUID.class, java.io.File.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(classes);
        return this;
    }

    /** Floors from the highest to the lowest: a floor may use those after it, never one before it. */
    public ArchitectureRules floors(String... highestFirst) {
        for (int lower = 1; lower < highestFirst.length; lower++) {
            String[] above = new String[lower];
            for (int i = 0; i < lower; i++) {
                above[i] = ROOT + module + "." + highestFirst[i] + "..";
            }
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + module + "." + highestFirst[lower] + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .allowEmptyShould(true)
                    .check(classes);
        }
        return this;
    }

    /** These packages never use one another. */
    public ArchitectureRules apart(String... siblings) {
        for (String one : siblings) {
            String[] others = Stream.of(siblings)
                    .filter(other -> !other.equals(one))
                    .map(other -> ROOT + module + "." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage(ROOT + module + "." + one + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .allowEmptyShould(true)
                    .check(classes);
        }
        return this;
    }

    /** Only these packages may use a library. */
    public ArchitectureRules libraryOnlyIn(String library, String... packages) {
        String[] names = Stream.of(packages)
                .map(name -> ROOT + module + "." + name + "..")
                .toArray(String[]::new);
        classes()
                .that()
                .resideOutsideOfPackages(names)
                .should(com.tngtech.archunit.lang.conditions.ArchConditions.not(
                        com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat(
                                com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage(library))))
                .allowEmptyShould(true)
                .check(classes);
        return this;
    }

    /** Source files and methods stay within their limits. */
    public ArchitectureRules smallFiles() {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                List<String> lines = Files.readAllLines(file);
                if (lines.size() > FILE_LINES_MAX) {
                    throw new AssertionError(file + " has " + lines.size() + " lines; at most " + FILE_LINES_MAX);
                }
                MethodLengths.longerThan(METHOD_LINES_MAX, lines).ifPresent(method -> {
                    throw new AssertionError(file + ": " + method + "; at most " + METHOD_LINES_MAX + " lines");
                });
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        return this;
    }
}
