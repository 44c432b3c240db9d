package org.pgpod.image.launcher;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.lifecycle.SidecarModule;
import org.pgpod.core.telemetry.JsonLogging;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgpod run <sidecar…>}: hosts one or several sidecars in this process until it is asked to end. */
@Command(name = "run", description = "Runs one or several sidecars in this process.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "SIDECAR", description = "One or more sidecars, see pgpod help.")
    private List<String> names = List.of();

    @Option(names = "--config", paramLabel = "FILE", description = "The configuration file (YAML).")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--log-level",
            defaultValue = "INFO",
            description = "ERROR, WARN, INFO or DEBUG (${DEFAULT-VALUE}).")
    private String level = "INFO";

    @Option(names = "--once", description = "Do what an init container does before the pod starts, and end.")
    private boolean once;

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, ConfigurationException, InterruptedException {
        List<SidecarModule> modules = new ArrayList<>();
        for (String name : names) {
            modules.add(Sidecars.named(name)
                    .orElseThrow(() -> misuse(
                            "'" + name + "' is no sidecar; sidecars are " + String.join(", ", Sidecars.names()))));
        }
        SidecarProcess process = SidecarProcess.configure(modules, file, System.getenv());
        Path logs = process.pod().sidecarLogDirectory();
        if (!Files.isDirectory(logs) || !Files.isWritable(logs)) {
            throw new IOException("the log directory " + logs + " is missing or cannot be written");
        }
        String name = String.join("+", names);
        JsonLogging.start(name, Level.toLevel(level), Optional.of(logs.resolve(name + ".jsonl")));
        if (once) {
            return process.prepare() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        }
        process.run();
        return CommandLine.ExitCode.OK;
    }

    private CommandLine.ParameterException misuse(String message) {
        return new CommandLine.ParameterException(
                java.util.Objects.requireNonNull(spec).commandLine(), message);
    }
}
