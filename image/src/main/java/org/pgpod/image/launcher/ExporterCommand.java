package org.pgpod.image.launcher;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pgpod.core.config.Configuration;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.pod.PodSettings;
import org.pgpod.exporter.ExporterModule;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code pgpod exporter --explain}: what the exporter would collect from this pod's server, and why not the rest. */
@Command(
        name = "exporter",
        description = "Tries the exporter's collectors on this pod's Postgres.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:the server answered and no collector failed",
            "1:it did not answer, a collector failed, or the configuration is wrong",
            "2:misused"
        })
final class ExporterCommand implements Callable<Integer> {
    @Option(names = "--explain", description = "Print each collector with what it brings, or why it is not collected.")
    private boolean explain;

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file (YAML).")
    private Optional<Path> file = Optional.empty();

    @CommandLine.Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws ConfigurationException {
        CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
        if (!explain) {
            throw new CommandLine.ParameterException(
                    commandLine, "--explain is missing; to run it: pgpod run exporter");
        }
        ExporterModule exporter = new ExporterModule();
        Configuration configuration = Configuration.read(
                file,
                System.getenv(),
                Sidecars.schemas(),
                Set.of(PodSettings.SCHEMA.name(), exporter.schema().name()));
        PrintWriter out = commandLine.getOut();
        boolean well = exporter.explain(
                configuration.section(exporter.schema()),
                PodSettings.from(configuration.section(PodSettings.SCHEMA)),
                out);
        out.flush();
        return well ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
}
