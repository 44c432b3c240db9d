package org.pgpod.image.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.search.JsonFormat;
import org.pgpod.logshipper.search.LinePrefix;
import org.pgpod.logshipper.search.LogExport;
import org.pgpod.logshipper.search.LogFilter;
import org.pgpod.logshipper.search.LogReader;
import org.pgpod.logshipper.search.LogSearch;
import org.pgpod.logshipper.search.LogTimes;
import org.pgpod.logshipper.search.RowFormat;
import org.pgpod.logshipper.search.StderrFormat;
import org.pgpod.logshipper.search.TerminalFormat;
import org.pgpod.logshipper.sink.StoreSettings;
import org.pgpod.logshipper.sink.StoreSettings.SslMode;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code pgpod logs}: reads what log-shipper has stored. Ends with 0 if it was read, 1 if not, 2 if misused. */
@Command(
        name = "logs",
        description = "Shows, searches and exports the logs that are in the log store.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "VERB",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:done", "1:the store could not be read", "2:misused"})
public final class LogsCommand implements Runnable {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /** Where the store is. */
    private static final class Store {
        @Option(
                names = "--host",
                paramLabel = "HOST",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGHOST:-127.0.0.1}",
                description = "The host of the store (PGHOST, else 127.0.0.1).")
        private String host = "127.0.0.1";

        @Option(
                names = "--port",
                paramLabel = "PORT",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGPORT:-5432}",
                description = "Its port (PGPORT, else 5432).")
        private int port;

        @Option(
                names = {"-d", "--dbname"},
                paramLabel = "DATABASE",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGDATABASE:-logs}",
                description = "The database (PGDATABASE, else logs).")
        private String database = "logs";

        @Option(
                names = {"-U", "--username"},
                paramLabel = "ROLE",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGUSER:-log_shipper}",
                description = "The role (PGUSER, else log_shipper).")
        private String user = "log_shipper";

        @Option(
                names = "--password-file",
                paramLabel = "FILE",
                scope = ScopeType.INHERIT,
                description = "A file with the role's password; else that of ~/.pgpass or PGPASSFILE.")
        private @Nullable Path passwordFile;

        @Option(
                names = "--sslmode",
                paramLabel = "MODE",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGSSLMODE:-verify-full}",
                description = "How the connection is protected, in libpq's words (PGSSLMODE, else verify-full).")
        private String sslMode = "verify-full";

        @Option(
                names = "--sslrootcert",
                paramLabel = "FILE",
                scope = ScopeType.INHERIT,
                defaultValue = "${env:PGSSLROOTCERT}",
                description = "The authority of the server's certificate (PGSSLROOTCERT, else those of Java).")
        private @Nullable Path rootCertificate;

        StoreSettings settings() {
            return new StoreSettings(
                    host,
                    port,
                    database,
                    user,
                    Optional.ofNullable(passwordFile),
                    mode(),
                    Optional.ofNullable(rootCertificate)
                            .filter(file -> !file.toString().isEmpty()),
                    TIMEOUT,
                    0);
        }

        private SslMode mode() {
            for (SslMode mode : SslMode.values()) {
                if (mode.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(sslMode)) {
                    return mode;
                }
            }
            throw new IllegalArgumentException(
                    "--sslmode is '" + sslMode + "'; it must be disable, prefer, require, verify-ca or verify-full");
        }
    }

    /** Which records. */
    private static final class Wanted {
        @Option(
                names = "--cluster",
                paramLabel = "NAME",
                scope = ScopeType.INHERIT,
                description = "Only of this cluster.")
        private @Nullable String cluster;

        @Option(names = "--pod", paramLabel = "NAME", scope = ScopeType.INHERIT, description = "Only of this pod.")
        private @Nullable String pod;

        @Option(
                names = "--since",
                paramLabel = "TIME",
                scope = ScopeType.INHERIT,
                description = "Only from then on: 15m, 2h or 3d ago, 2026-11-21, or 2026-11-21T10:00:00Z.")
        private @Nullable String since;

        @Option(names = "--until", paramLabel = "TIME", scope = ScopeType.INHERIT, description = "Only before then.")
        private @Nullable String until;

        @Option(
                names = "--severity",
                paramLabel = "LEAST",
                scope = ScopeType.INHERIT,
                description = "Only WARNING, ERROR, FATAL or PANIC and what is worse.")
        private @Nullable String severity;

        @Option(
                names = "--sqlstate",
                paramLabel = "STATE",
                scope = ScopeType.INHERIT,
                description = "Only this SQLSTATE, as 23505, or class of them, as 23.")
        private @Nullable String state;

        @Option(
                names = "--log-database",
                paramLabel = "NAME",
                scope = ScopeType.INHERIT,
                description = "Only of sessions in this database.")
        private @Nullable String database;

        @Option(
                names = "--log-user",
                paramLabel = "NAME",
                scope = ScopeType.INHERIT,
                description = "Only of sessions of this user.")
        private @Nullable String user;

        @Option(
                names = "--application",
                paramLabel = "NAME",
                scope = ScopeType.INHERIT,
                description = "Only of sessions with this application_name.")
        private @Nullable String application;

        @Option(
                names = "--session",
                paramLabel = "ID",
                scope = ScopeType.INHERIT,
                description = "Only of the session with this id (session_id, %%c).")
        private @Nullable String session;

        @Option(
                names = "--sidecar",
                paramLabel = "NAME",
                scope = ScopeType.INHERIT,
                description = "Only of this sidecar.")
        private @Nullable String sidecar;

        @Option(
                names = {"-g", "--grep"},
                paramLabel = "TEXT",
                scope = ScopeType.INHERIT,
                description = "Only with this text, in upper or lower case.")
        private @Nullable String text;

        LogFilter filter(Instant now) {
            return new LogFilter(
                    Optional.ofNullable(cluster),
                    Optional.ofNullable(pod),
                    Optional.ofNullable(since).map(time -> LogTimes.parse(time, now)),
                    Optional.ofNullable(until).map(time -> LogTimes.parse(time, now)),
                    Optional.ofNullable(severity).map(Wanted::least),
                    Optional.ofNullable(state),
                    Optional.ofNullable(database),
                    Optional.ofNullable(user),
                    Optional.ofNullable(application),
                    Optional.ofNullable(session),
                    Optional.ofNullable(sidecar),
                    Optional.ofNullable(text));
        }

        private static LogFilter.Severity least(String text) {
            for (LogFilter.Severity severity : LogFilter.Severity.values()) {
                if (severity.name().equalsIgnoreCase(text)) {
                    return severity;
                }
            }
            throw new IllegalArgumentException(
                    "--severity is '" + text + "'; it must be WARNING, ERROR, FATAL or PANIC");
        }
    }

    /** Whose records. */
    enum Of {
        postgres(Table.POSTGRES_LOG),
        stderr(Table.POSTGRES_STDERR),
        sidecar(Table.SIDECAR_LOG);

        private final Table table;

        Of(Table table) {
            this.table = table;
        }
    }

    /** How records are shown. */
    enum Format {
        text,
        json
    }

    /** In which of Postgres's forms records are exported. */
    enum LogDestination {
        jsonlog,
        stderr
    }

    @ArgGroup(exclusive = false, heading = "Where the store is:%n")
    private Store store = new Store();

    @ArgGroup(exclusive = false, heading = "Which records:%n")
    private Wanted wanted = new Wanted();

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw misuse("a verb is missing");
    }

    private CommandLine.ParameterException misuse(String problem) {
        return new CommandLine.ParameterException(Objects.requireNonNull(spec).commandLine(), problem);
    }

    /** Makes something of the arguments; what is wrong with them is the caller's mistake. */
    private <T> T given(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException mistaken) {
            throw misuse(String.valueOf(mistaken.getMessage()));
        }
    }

    private PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    @Command(name = "search", description = "Shows the newest records that fulfil all conditions, the oldest first.")
    int search(
            @Option(
                            names = {"-n", "--limit"},
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most (100).")
                    int limit,
            @Option(names = "--of", paramLabel = "STREAM", split = ",", description = "postgres, stderr, sidecar; all.")
                    @Nullable
                    List<Of> streams,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "text",
                            description = "text or json.")
                    Format format)
            throws IOException {
        LogFilter filter = given(() -> wanted.filter(Instant.now()));
        try (LogReader reader = LogReader.connect(given(store::settings))) {
            shown(reader, streams, filter, format).newest(positive("--limit", limit));
            return CommandLine.ExitCode.OK;
        }
    }

    @Command(name = "tail", description = "Shows the last records, and with -f goes on with those that come.")
    int tail(
            @Option(
                            names = {"-n", "--lines"},
                            paramLabel = "N",
                            defaultValue = "10",
                            description = "How many (10).")
                    int lines,
            @Option(
                            names = {"-f", "--follow"},
                            description = "Go on until Ctrl-C.")
                    boolean follow,
            @Option(names = "--of", paramLabel = "STREAM", split = ",", description = "postgres, stderr, sidecar; all.")
                    @Nullable
                    List<Of> streams,
            @Option(
                            names = {"-o", "--output"},
                            paramLabel = "FORMAT",
                            defaultValue = "text",
                            description = "text or json.")
                    Format format)
            throws IOException {
        LogFilter filter = given(() -> wanted.filter(Instant.now()));
        if (filter.since().isPresent() || filter.until().isPresent()) {
            throw misuse("tail shows the last records: --since and --until go with search and export");
        }
        try (LogReader reader = LogReader.connect(given(store::settings))) {
            LogSearch search = shown(reader, streams, filter, format);
            if (follow) {
                search.follow(positive("--lines", lines), Clock.systemUTC());
            } else {
                search.newest(positive("--lines", lines));
            }
            return CommandLine.ExitCode.OK;
        }
    }

    private LogSearch shown(LogReader reader, @Nullable List<Of> streams, LogFilter filter, Format format) {
        List<Table> tables = (streams == null ? List.of(Of.values()) : streams)
                .stream().map(of -> of.table).distinct().toList();
        RowFormat rows = format == Format.json ? JsonFormat.ofStore() : new TerminalFormat();
        return new LogSearch(reader, tables, filter, rows, out());
    }

    private int positive(String option, int number) {
        if (number < 1) {
            throw misuse(option + " is " + number + "; it must be 1 or more");
        }
        return number;
    }

    @Command(
            name = "export",
            description = "Writes the records of Postgres as Postgres wrote them, the oldest first, as for pgBadger.")
    int export(
            @Option(names = "--format", paramLabel = "FORM", required = true, description = "jsonlog or stderr.")
                    LogDestination form,
            @Option(
                            names = "--prefix",
                            paramLabel = "PREFIX",
                            defaultValue = LinePrefix.DEFAULT,
                            description = "For stderr: the log_line_prefix (${DEFAULT-VALUE}).")
                    String prefix,
            @Option(names = "--file", paramLabel = "FILE", description = "Where to; the standard output if left out.")
                    @Nullable
                    Path file)
            throws IOException {
        LogFilter filter = given(() -> wanted.filter(Instant.now()));
        RowFormat format = form == LogDestination.jsonlog
                ? JsonFormat.jsonlog()
                : new StderrFormat(given(() -> LinePrefix.parse(prefix)));
        try (LogReader reader = LogReader.connect(given(store::settings))) {
            LogExport export = new LogExport(reader, filter, format);
            long records = file == null ? export.to(out()) : export.to(file);
            PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
            err.println("pgpod: " + records + " records exported");
            err.flush();
            return CommandLine.ExitCode.OK;
        }
    }
}
