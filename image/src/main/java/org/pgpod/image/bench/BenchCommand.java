package org.pgpod.image.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgpod bench <name>}: measures, prints a table and, if asked, writes every row as JSON. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures pgpod and its peers side by side: failover, proxy.")
public final class BenchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME", description = "failover or proxy")
    private String name = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows to this file.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds of each case (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "Seconds of a throughput round (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--presets",
            defaultValue = "fast",
            split = ",",
            description = "Presets of failover (${DEFAULT-VALUE}).")
    private List<String> presets = List.of();

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    /** One benchmark; says what it does while it runs. */
    @FunctionalInterface
    interface Bench {
        List<BenchRow> run(Consumer<String> progress) throws IOException, InterruptedException;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        CommandLine command = java.util.Objects.requireNonNull(spec).commandLine();
        Map<String, Bench> benches = new TreeMap<>(Map.of(
                "failover", progress -> new FailoverBench(presets, rounds).run(progress),
                "proxy", progress -> new ProxyBench(rounds, seconds).run(progress)));
        Bench bench = benches.get(name);
        if (bench == null) {
            throw new CommandLine.ParameterException(
                    command, "'" + name + "' is no benchmark; there are " + String.join(", ", benches.keySet()));
        }
        PrintWriter out = command.getOut();
        List<BenchRow> rows = bench.run(line -> {
            out.println("# " + line);
            out.flush();
        });
        print(rows, out);
        if (file.isPresent()) {
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            Files.writeString(file.get(), json.writeValueAsString(rows) + "\n");
        }
        return 0;
    }

    private static void print(List<BenchRow> rows, PrintWriter out) {
        String format = "%-24s %-18s %-14s %12s %12s %12s  %s%n";
        out.printf(format, "case", "subject", "metric", "median", "min", "max", "unit");
        for (BenchRow row : rows) {
            out.printf(
                    format,
                    row.scenario(),
                    row.subject(),
                    row.metric(),
                    figure(row.median()),
                    figure(row.min()),
                    figure(row.max()),
                    row.unit());
        }
        out.flush();
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }
}
