package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The commands as people and pods call them. */
class InjectCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    @TempDir
    private Path directory;

    private int run(String input, String... arguments) {
        return execute(new InjectCommand(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))), arguments);
    }

    private int execute(Object command, String... arguments) {
        return new CommandLine(command)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true))
                .execute(arguments);
    }

    @Test
    void readsStandardInputAndWritesStandardOutput() {
        assertThat(run(Templates.text("templates/minimal.yaml"), "-f", "-", "--image", "registry.example.com/pgpod:1"))
                .isZero();
        assertThat(out.toString()).isEqualTo(Templates.text("golden/minimal.yaml"));
        assertThat(errors.toString()).contains("note: db: PGDATA moves from /data/pgdata to /var/lib/pgpod/data");
    }

    @Test
    void readsAndWritesFiles() throws IOException {
        Path file = directory.resolve("db.json");
        Files.writeString(file, Templates.text("templates/timescaledb-style.json"));
        assertThat(run("", "-f", file.toString(), "-o", file.toString())).isZero();
        String once = Files.readString(file);
        assertThat(run("", "-f", file.toString(), "-o", file.toString())).isZero();
        assertThat(file).hasContent(once);
        assertThat(once).contains(InjectionSettings.DEFAULT_IMAGE);
    }

    @Test
    void addsTheObjectsOfTheCluster() {
        assertThat(run(Templates.text("templates/spilo-style.yaml"), "-f", "-", "--objects", "--namespace", "shop"))
                .isZero();
        assertThat(Templates.objects(out.toString()))
                .extracting(object -> object.path("kind").asText() + "/"
                        + object.path("metadata").path("name").asText())
                .contains("StatefulSet/acid-minimal", "Service/minimal-rw", "RoleBinding/minimal-pgpod")
                .doesNotContain("ServiceAccount/minimal-pgpod");
    }

    @Test
    void jsonWithObjectsIsOneList() {
        assertThat(run(Templates.text("templates/timescaledb-style.json"), "-f", "-", "--objects"))
                .isZero();
        assertThat(Templates.parse(out.toString()).documents()).hasSize(1);
        assertThat(Templates.objects(out.toString()))
                .extracting(object -> object.path("kind").asText())
                .contains("Secret", "StatefulSet", "Role");
    }

    @Test
    void permissionsNeedANamespace() {
        assertThat(run(Templates.text("templates/spilo-style.yaml"), "-f", "-", "--objects"))
                .isEqualTo(1);
        assertThat(errors.toString()).contains("metadata.namespace: is not set");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void nothingIsWrittenIfAnythingIsWrong() throws IOException {
        Path output = directory.resolve("out.yaml");
        String text = Templates.text("templates/official-tutorial.yaml");
        String broken = text + "---\n" + text.replace("/var/lib/postgresql/data/pgdata", "/elsewhere/pgdata");
        assertThat(run(broken, "-f", "-", "-o", output.toString())).isEqualTo(1);
        assertThat(errors.toString())
                .startsWith("StatefulSet/postgres spec.template.spec.containers[0].volumeMounts: no volume is mounted"
                        + " above PGDATA=/elsewhere/pgdata");
        assertThat(output).doesNotExist();
    }

    @Test
    void missingFileIsOneSentence() {
        assertThat(run("", "-f", "/nowhere/db.yaml")).isEqualTo(1);
        assertThat(errors.toString()).isEqualTo("/nowhere/db.yaml: no such file\n");
    }

    @Test
    void prepareCopiesTheSupervisorExecutable() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Path target = Files.createDirectory(directory.resolve("target"));
        Files.writeString(source.resolve("pgpod-supervisor"), "#!/bin/sh\n");
        for (int run = 0; run < 2; run++) {
            assertThat(execute(
                            new PrepareCommand(),
                            "--from",
                            source.toString(),
                            "--supervisor",
                            target.toString(),
                            "--shared",
                            directory.resolve("logs/sidecars").toString(),
                            "--shared",
                            directory.resolve("logs/postgres").toString(),
                            "--refuse-existing",
                            directory.resolve("pgdata").toString()))
                    .isZero();
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target.resolve("pgpod-supervisor"))))
                .isEqualTo("r-xr-xr-x");
        assertThat(target).isDirectoryNotContaining("glob:**/.*");
        assertThat((int) Files.getAttribute(directory.resolve("logs/postgres"), "unix:mode") & 07777)
                .isEqualTo(02770);
    }

    @Test
    void prepareRefusesAVolumeInUse() throws IOException {
        Path existing = Files.createDirectory(directory.resolve("pgdata"));
        assertThat(execute(
                        new PrepareCommand(),
                        "--from",
                        directory.toString(),
                        "--supervisor",
                        directory.toString(),
                        "--refuse-existing",
                        existing.toString()))
                .isEqualTo(1);
        assertThat(errors.toString()).contains(existing + " exists: this volume holds data");
    }
}
