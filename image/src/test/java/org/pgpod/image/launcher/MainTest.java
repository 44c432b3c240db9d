package org.pgpod.image.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class MainTest {
    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();
    private final StringWriter out = new StringWriter();

    private int run(String... arguments) {
        CommandLine command = Main.commandLine();
        command.setErr(new PrintWriter(err));
        command.setOut(new PrintWriter(out));
        return command.execute(arguments);
    }

    private String configuration(String more) throws Exception {
        Files.createDirectories(directory.resolve("logs/sidecars"));
        Path file = directory.resolve("pgpod.yaml");
        String pod = """
                pod: {cluster: demo, namespace: default, name: demo-0, uid: u, address: 127.0.0.1, logDirectory: %s}
                """.formatted(directory.resolve("logs"));
        Files.writeString(file, pod + more);
        return file.toString();
    }

    @Test
    void anUnknownSidecarIsNamedWithThoseThereAre() {
        assertThat(run("run", "nothing")).isEqualTo(2);
        assertThat(err.toString())
                .contains("'nothing' is no sidecar; sidecars are ")
                .contains("exporter");
    }

    @Test
    void aWrongKeyIsOneSentence() throws Exception {
        assertThat(run("run", "exporter", "--config", configuration("exporter: {potr: 1}\n")))
                .isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("pgpod.yaml: exporter.potr is unknown; options of exporter are ");
    }

    @Test
    void aMissingLogDirectoryIsOneSentence() throws Exception {
        String file = configuration("");
        Files.delete(directory.resolve("logs/sidecars"));
        assertThat(run("run", "exporter", "--config", file)).isEqualTo(1);
        assertThat(err.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("the log directory").contains("is missing");
    }

    @Test
    void explainingWithoutAServerSaysSoAndFails() throws Exception {
        assertThat(run("exporter")).isEqualTo(2);
        String file = configuration("exporter: {postgresAddress: 127.0.0.1}\n");
        assertThat(run("exporter", "--explain", "--config", file)).isEqualTo(1);
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(out.toString()).startsWith("pgpod_exporter@127.0.0.1:");
    }
}
