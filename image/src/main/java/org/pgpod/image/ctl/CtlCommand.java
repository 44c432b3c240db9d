package org.pgpod.image.ctl;

import java.io.PrintWriter;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.ctl.ControlClient;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pgpod ctl}: patronictl's verbs. Ends with 0 when the cluster did what was asked, else with 1. */
@Command(
        name = "ctl",
        description = "Shows and directs a cluster through the REST interface of its agents.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB")
public final class CtlCommand implements Runnable {
    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:PGPOD_AGENT_URL:-http://127.0.0.1:8008}",
            description = "Any agent of the cluster (PGPOD_AGENT_URL, else http://127.0.0.1:8008).")
    private URI url = URI.create("http://127.0.0.1:8008");

    @Spec
    private @Nullable CommandSpec spec;

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(commandLine(), "a verb is missing");
    }

    private ControlClient client() {
        if (url.getHost() == null) {
            throw new CommandLine.ParameterException(
                    commandLine(), "--url is '" + url + "'; it must be a URL such as http://127.0.0.1:8008");
        }
        PrintWriter out = commandLine().getOut();
        return new ControlClient(url, out);
    }

    @Command(name = "list", description = "Shows the members: role, state, timeline and lag.")
    int list() {
        return client().list();
    }

    @Command(name = "history", description = "Shows where each timeline ended.")
    int history() {
        return client().history();
    }

    @Command(name = "switchover", description = "Hands the primary over in order; nothing is lost.")
    int switchover(
            @Option(names = "--leader", paramLabel = "MEMBER", description = "Refuse unless this one is the primary.")
                    @Nullable
                    String leader,
            @Option(
                            names = "--candidate",
                            paramLabel = "MEMBER",
                            description = "The next primary; the best if left out.")
                    @Nullable
                    String candidate) {
        return client().switchover(Optional.ofNullable(leader), Optional.ofNullable(candidate));
    }

    @Command(name = "failover", description = "Hands the primary over to the named member.")
    int failover(
            @Option(names = "--candidate", paramLabel = "MEMBER", required = true, description = "The next primary.")
                    String candidate) {
        return client().failover(candidate);
    }

    @Command(name = "restart", description = "Restarts the Postgres of a member.")
    int restart(@Parameters(paramLabel = "MEMBER", description = "Whose Postgres.") String member) {
        return client().restart(member);
    }

    @Command(name = "reinit", description = "Throws the copy of a standby away and clones it anew.")
    int reinit(@Parameters(paramLabel = "MEMBER", description = "Whose copy.") String member) {
        return client().reinitialize(member);
    }

    @Command(name = "pause", description = "Suspends automatic actions other than fencing.")
    int pause() {
        return client().pause();
    }

    @Command(name = "resume", description = "Resumes automatic actions.")
    int resume() {
        return client().resume();
    }
}
