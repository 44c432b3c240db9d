package org.pgpod.image.ctl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.client.AgentTls;
import org.pgpod.haagent.ctl.ControlClient;
import org.pgpod.haagent.ctl.RestartWish;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code pgpod ctl}: patronictl's verbs. Ends with 0 when the cluster did what was asked, with 1 when not, 2 if misused. */
@Command(
        name = "ctl",
        description = "Shows and directs a cluster through the REST interface of its agents.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:the cluster did what was asked", "1:it did not", "2:misused"},
        subcommands = {EditConfigCommand.class, QueryCommand.class})
public final class CtlCommand implements Runnable {
    /** Where the token is in a container of the pod. */
    private static final Path MOUNTED_TOKEN = Path.of("/etc/pgpod/credentials/pgpod_rest");

    private static final Path MOUNTED_CERTIFICATES = Path.of("/etc/pgpod/tls/peer");

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGPOD_AGENT_URL:-http://127.0.0.1:8008}",
            description = "Any agent of the cluster (PGPOD_AGENT_URL, else http://127.0.0.1:8008).")
    private URI url = URI.create("http://127.0.0.1:8008");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGPOD_TOKEN_FILE}",
            description =
                    "The token for what changes something (PGPOD_TOKEN_FILE, else the pod's own if it is mounted).")
    private @Nullable Path tokenFile;

    @Option(
            names = "--certificates",
            paramLabel = "DIRECTORY",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGPOD_CERTIFICATES}",
            description = "ca.crt, by which agents with TLS are verified, and tls.crt with tls.key to show them"
                    + " (PGPOD_CERTIFICATES, else the pod's peer certificate if it is mounted).")
    private @Nullable Path certificates;

    @Option(
            names = "--server-name",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description =
                    "The name that certificates of agents must bear; else the address at which they are reached, or"
                            + " a name that they share with our own.")
    private @Nullable String serverName;

    /** How results are shown. */
    enum Format {
        table(Optional.empty()),
        json(Optional.of(ControlClient.Document.JSON)),
        yaml(Optional.of(ControlClient.Document.YAML));

        private final Optional<ControlClient.Document> document;

        Format(Optional<ControlClient.Document> document) {
            this.document = document;
        }
    }

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "table",
            description = "table, json or yaml.")
    private Format format = Format.table;

    @Spec
    private @Nullable CommandSpec spec;

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(commandLine(), "a verb is missing");
    }

    ControlClient client() {
        if (url.getHost() == null) {
            throw new CommandLine.ParameterException(
                    commandLine(), "--url is '" + url + "'; it must be a URL such as http://127.0.0.1:8008");
        }
        PrintWriter out = commandLine().getOut();
        Optional<Path> token = Optional.ofNullable(tokenFile)
                .filter(file -> !file.toString().isEmpty())
                .or(() -> Optional.of(MOUNTED_TOKEN).filter(Files::isReadable));
        return new ControlClient(url, token, tls(), out, format.document);
    }

    private Optional<AgentTls> tls() {
        Optional<Path> directory = Optional.ofNullable(certificates)
                .filter(given -> !given.toString().isEmpty())
                .or(() -> Optional.of(MOUNTED_CERTIFICATES)
                        .filter(mounted -> Files.isReadable(mounted.resolve("tls.key"))
                                && Files.isReadable(mounted.resolve("ca.crt"))));
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(AgentTls.ofCaller(directory.get(), Optional.ofNullable(serverName)));
        } catch (IOException unusable) {
            throw new CommandLine.ParameterException(
                    commandLine(), "--certificates: " + unusable.getMessage(), unusable);
        }
    }

    /** The text of a file, or of the standard input for {@code -}. */
    static String read(Path file) throws IOException {
        return file.toString().equals("-")
                ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                : Files.readString(file);
    }

    @Command(name = "list", description = "Shows the members: role, state, timeline and lag.")
    int list() {
        return client().list();
    }

    @Command(name = "topology", description = "Shows the members, standbys under the primary.")
    int topology() {
        return client().topology();
    }

    @Command(name = "history", description = "Shows where each timeline ended and whose the next one was.")
    int history() {
        return client().history();
    }

    @Command(name = "dsn", description = "Shows where a member takes clients.")
    int dsn(
            @Option(
                            names = {"-m", "--member"},
                            paramLabel = "MEMBER",
                            description = "Which; the primary if left out.")
                    @Nullable
                    String member) {
        return client().dsn(Optional.ofNullable(member));
    }

    @Command(name = "version", description = "Shows the versions of every member.")
    int version() {
        return client().version();
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
                    String candidate,
            @Option(
                            names = "--scheduled",
                            paramLabel = "TIME",
                            description = "When, with its zone, such as 2026-11-21T23:00:00+01:00; now if left out.")
                    @Nullable
                    String scheduled,
            @Option(names = "--cancel", description = "Cancel the planned one instead.") boolean cancel) {
        return cancel
                ? client().cancelSwitchover()
                : client().switchover(
                                Optional.ofNullable(leader),
                                Optional.ofNullable(candidate),
                                Optional.ofNullable(scheduled));
    }

    @Command(name = "failover", description = "Hands the primary over to the named member.")
    int failover(
            @Option(names = "--candidate", paramLabel = "MEMBER", required = true, description = "The next primary.")
                    String candidate,
            @ArgGroup(exclusive = false) @Nullable AcceptedLoss loss) {
        return loss == null ? client().failover(candidate) : client().failoverWithLoss(candidate, loss.leaseVersion);
    }

    /** Both or none: a loss is accepted for what a person has looked at, and for nothing else. */
    static final class AcceptedLoss {
        @Option(
                names = "--accept-data-loss",
                required = true,
                description = "Take over although nobody is elected; what the member lacks is lost.")
        boolean accepted;

        @Option(
                names = "--lease-version",
                required = true,
                paramLabel = "VERSION",
                description = "The leaseVersion in /status that was looked at, or none for a Lease that is gone.")
        String leaseVersion = "";
    }

    @Command(name = "restart", description = "Restarts the Postgres of members, the primary last.")
    int restart(
            @Parameters(paramLabel = "MEMBER", arity = "0..*", description = "Whose Postgres; all if left out.")
                    @Nullable
                    List<String> members,
            @Option(
                            names = {"-r", "--role"},
                            paramLabel = "ROLE",
                            description = "Only primary or replica.")
                    @Nullable
                    String role,
            @Option(names = "--pending", description = "Only where parameters wait for it, until none does.")
                    boolean pending,
            @Option(names = "--pg-version", paramLabel = "VERSION", description = "Only servers older than this.")
                    @Nullable
                    String version,
            @Option(
                            names = "--rolling",
                            description =
                                    "All of them while the cluster serves: standbys one by one, then a switchover.")
                    boolean rolling,
            @Option(names = "--timeout", paramLabel = "SECONDS", description = "How long to wait for each.") @Nullable
                    String timeout,
            @Option(
                            names = "--scheduled",
                            paramLabel = "TIME",
                            description = "When, with its zone, such as 2026-11-21T23:00:00+01:00; now if left out.")
                    @Nullable
                    String scheduled) {
        if (rolling) {
            if (members != null || role != null || pending || version != null || scheduled != null) {
                throw new CommandLine.ParameterException(
                        commandLine(), "--rolling restarts every member: of the others it goes with --timeout only");
            }
            return client().rollingRestart(rollingTimeout(timeout));
        }
        return client().restart(
                        members == null ? List.of() : members,
                        new RestartWish(
                                Optional.ofNullable(role),
                                Optional.ofNullable(version),
                                pending,
                                Optional.ofNullable(timeout),
                                Optional.ofNullable(scheduled)));
    }

    /** What can be planned. */
    enum Plan {
        restart,
        switchover
    }

    @Command(name = "flush", description = "Cancels what is planned.")
    int flush(
            @Parameters(index = "0", paramLabel = "PLAN", description = "restart or switchover.") Plan plan,
            @Parameters(
                            index = "1..*",
                            paramLabel = "MEMBER",
                            arity = "0..*",
                            description = "Whose restart; all if left out.")
                    @Nullable
                    List<String> members) {
        if (plan == Plan.switchover && members != null && !members.isEmpty()) {
            throw new CommandLine.ParameterException(
                    commandLine(), "a switchover is planned for the cluster and not for members");
        }
        return plan == Plan.switchover
                ? client().cancelSwitchover()
                : client().cancelRestarts(members == null ? List.of() : members);
    }

    private Duration rollingTimeout(@Nullable String seconds) {
        if (seconds == null) {
            return Duration.ofMinutes(5);
        }
        if (!seconds.matches("[1-9][0-9]{0,5}")) {
            throw new CommandLine.ParameterException(
                    commandLine(),
                    "--timeout is '" + seconds + "'; with --rolling it is a whole number from 1 to 999999");
        }
        return Duration.ofSeconds(Long.parseLong(seconds));
    }

    @Command(name = "reload", description = "Has members load their configuration anew.")
    int reload(
            @Parameters(paramLabel = "MEMBER", arity = "0..*", description = "Which; all if left out.") @Nullable
                    List<String> members) {
        return client().reload(members == null ? List.of() : members);
    }

    @Command(name = "reinit", description = "Throws the copy of a standby away and clones it anew.")
    int reinit(@Parameters(paramLabel = "MEMBER", description = "Whose copy.") String member) {
        return client().reinitialize(member);
    }

    @Command(name = "remove", description = "Has the cluster forget a member whose pod is gone, as after a scale-in.")
    int remove(
            @Parameters(paramLabel = "MEMBER", description = "Which.") String member,
            @Option(names = "--force", description = "Do not ask for its name again.") boolean force)
            throws IOException {
        if (!force && !confirmed("Please confirm the name of the member to remove: ", member)) {
            commandLine().getOut().println("Error: not confirmed; nothing was removed");
            commandLine().getOut().flush();
            return ControlClient.FAILED;
        }
        return client().remove(member);
    }

    /** Whether the next line of the standard input is {@code expected}. */
    private boolean confirmed(String question, String expected) throws IOException {
        commandLine().getOut().print(question);
        commandLine().getOut().flush();
        String answer = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
        return answer != null && answer.strip().equals(expected);
    }

    @Command(name = "pause", description = "Suspends automatic actions other than fencing.")
    int pause() {
        return client().pause();
    }

    @Command(name = "resume", description = "Resumes automatic actions.")
    int resume() {
        return client().resume();
    }

    @Command(name = "show-config", description = "Shows the cluster's dynamic configuration.")
    int showConfig() {
        return client().showConfig();
    }
}
