package org.pgpod.image.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pgpod bench <name>}: measures, prints tables and, if asked, writes every row as JSON. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Measures pgpod and its peers side by side: failover, switchover, proxy, exporter.")
public final class BenchCommand implements Callable<Integer> {
    private static final List<String> NAMES = List.of("failover", "switchover", "proxy", "exporter");
    private static final List<String> PRESETS = List.of("fast", "normal", "wide");
    private static final List<String> PEERS = List.of("patroni", "none");
    private static final int INTERRUPTED = 130;

    @Parameters(paramLabel = "NAME", description = "failover, switchover, proxy or exporter")
    private String name = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the rows to this file.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--rounds", defaultValue = "10", description = "Rounds of each case (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "proxy: seconds of a round (${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--preset",
            defaultValue = "fast",
            description = "failover, switchover: lease timings, fast, normal or wide (${DEFAULT-VALUE}).")
    private String preset = "fast";

    @Option(
            names = "--cases",
            split = ",",
            description = "failover: only these of kill-9, partition, postgres-crash, clean-deletion,"
                    + " api-latency-50ms, switchover, false-failovers.")
    private List<String> cases = List.of();

    @Option(
            names = "--minutes",
            defaultValue = "30",
            description = "failover: how long false-failovers watches (${DEFAULT-VALUE}).")
    private int minutes;

    @Option(
            names = "--peers",
            defaultValue = "patroni",
            description = "failover, switchover: patroni or none (${DEFAULT-VALUE}).")
    private String peers = "patroni";

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        requireOneOf("NAME", name, NAMES);
        requireOneOf("--preset", preset, PRESETS);
        requireOneOf("--peers", peers, PEERS);
        requirePositive("--rounds", rounds);
        requirePositive("--seconds", seconds);
        requirePositive("--minutes", minutes);
        cases.forEach(one -> requireOneOf("--cases", one, FailoverCase.texts()));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(ending(Thread.currentThread(), ended));
        try {
            return measure(commandLine().getOut());
        } catch (InterruptedException end) {
            // Everything that was started has been ended on the way here.
            return INTERRUPTED;
        } finally {
            ended.countDown();
        }
    }

    /** Ctrl-C and SIGTERM let the benchmark put everything away before the process ends. */
    private static Thread ending(Thread bench, CountDownLatch ended) {
        return Thread.ofPlatform().unstarted(() -> {
            if (ended.getCount() > 0) {
                bench.interrupt();
            }
            try {
                ended.await();
            } catch (InterruptedException hurry) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private int measure(PrintWriter out) throws IOException, InterruptedException {
        java.util.function.Consumer<String> progress = line -> {
            out.println("# " + line);
            out.flush();
        };
        List<BenchRow> rows;
        List<String> failures = List.of();
        if (name.equals("proxy")) {
            rows = new ProxyBench(rounds, seconds).run(progress);
        } else if (name.equals("exporter")) {
            rows = new ExporterBench(rounds).run(progress);
        } else {
            FailoverBench.Result result = new FailoverBench(plan(), progress).run();
            rows = result.rows();
            failures = result.failures();
        }
        BenchTable.print(rows, out);
        if (name.equals("failover") || name.equals("switchover")) {
            BenchTable.summary(rows, out);
        }
        if (file.isPresent()) {
            ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
            Files.writeString(file.get(), json.writeValueAsString(rows) + "\n");
        }
        failures.forEach(failure -> out.println("FAILED " + failure));
        out.flush();
        return failures.isEmpty() ? 0 : 1;
    }

    private FailoverBench.Plan plan() {
        List<String> wanted = cases.isEmpty() ? FailoverCase.texts() : cases;
        if (name.equals("switchover")) {
            wanted = List.of(FailoverCase.SWITCHOVER.text());
        }
        return new FailoverBench.Plan(
                wanted.stream().map(FailoverCase::of).flatMap(Optional::stream).toList(),
                preset,
                rounds,
                minutes,
                FailoverBench.Peers.valueOf(peers.toUpperCase(Locale.ROOT)));
    }

    private void requireOneOf(String field, String value, List<String> allowed) {
        if (!allowed.contains(value)) {
            throw misuse(field + " is '" + value + "'; allowed are " + String.join(", ", allowed));
        }
    }

    private void requirePositive(String field, int value) {
        if (value < 1) {
            throw misuse(field + " is " + value + "; it must be 1 or more");
        }
    }

    private CommandLine.ParameterException misuse(String message) {
        return new CommandLine.ParameterException(commandLine(), message);
    }

    private CommandLine commandLine() {
        return Objects.requireNonNull(spec).commandLine();
    }
}
