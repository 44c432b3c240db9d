package org.pgpod.image.launcher;

import java.io.PrintWriter;
import org.pgpod.core.config.ConfigurationException;
import org.pgpod.core.telemetry.JsonLogging;
import org.pgpod.image.bench.BenchCommand;
import org.pgpod.image.ctl.CtlCommand;
import org.pgpod.image.ctl.LogsCommand;
import org.pgpod.image.local.DemoCommand;
import org.pgpod.image.local.KubernetesApiCommand;
import org.pgpod.image.pod.InjectCommand;
import org.pgpod.image.pod.PrepareCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line {@code pgpod}. Ends with 0 if the command did its work, 1 if it did not, 2 if it was misused. */
@Command(
        name = "pgpod",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Sidecars that turn a plain Postgres container into a production system.",
        footer = {"", "The script ./pgpod also has: test [--long]  Builds everything and runs all tests."},
        subcommands = {
            RunCommand.class,
            DemoCommand.class,
            CtlCommand.class,
            LogsCommand.class,
            InjectCommand.class,
            BenchCommand.class,
            ExporterCommand.class,
            ConfigurationReferenceCommand.class,
            PrepareCommand.class,
            KubernetesApiCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        JsonLogging.warningsOnly();
        System.exit(commandLine().execute(arguments));
    }

    /** The whole command line; errors that people can mend are shown as one sentence, others with their trace. */
    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((failure, command, parsed) -> {
            PrintWriter err = command.getErr();
            if (failure instanceof ConfigurationException configuration) {
                configuration.problems().forEach(problem -> err.println("pgpod: " + problem));
            } else if (failure instanceof java.io.IOException) {
                err.println("pgpod: " + failure.getMessage());
            } else {
                failure.printStackTrace(err);
            }
            err.flush();
            return CommandLine.ExitCode.SOFTWARE;
        });
    }
}
