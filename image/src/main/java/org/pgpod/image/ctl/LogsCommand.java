package org.pgpod.image.ctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.model.Table;
import org.pgpod.logshipper.search.JsonFormat;
import org.pgpod.logshipper.search.LinePrefixFormat;
import org.pgpod.logshipper.search.LogExport;
import org.pgpod.logshipper.search.LogFilter;
import org.pgpod.logshipper.search.LogReader;
import org.pgpod.logshipper.search.LogSearch;
import org.pgpod.logshipper.search.RowFormat;
import org.pgpod.logshipper.search.StderrFormat;
import org.pgpod.logshipper.search.TerminalFormat;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Mixin
    private LogStoreOptions store = new LogStoreOptions();

    @Mixin
    private LogFilterOptions wanted = new LogFilterOptions();

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
                            defaultValue = LinePrefixFormat.DEFAULT,
                            description = "For stderr: the log_line_prefix (${DEFAULT-VALUE}).")
                    String prefix,
            @Option(names = "--file", paramLabel = "FILE", description = "Where to; the standard output if left out.")
                    @Nullable
                    Path file)
            throws IOException {
        LogFilter filter = given(() -> wanted.filter(Instant.now()));
        RowFormat format = form == LogDestination.jsonlog
                ? JsonFormat.jsonlog()
                : new StderrFormat(given(() -> LinePrefixFormat.parse(prefix)));
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
