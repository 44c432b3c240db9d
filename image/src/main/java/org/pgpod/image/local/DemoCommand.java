package org.pgpod.image.local;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgpod demo}: three pods on this machine, until Ctrl-C; with {@code --check}, every capability is tried once. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Runs three whole pods on this machine until Ctrl-C, or checks them by itself.")
public final class DemoCommand implements Callable<Integer> {
    @Option(names = "--check", description = "Try every capability, print a line for each, and end.")
    private boolean check;

    @Option(
            names = "--preset",
            defaultValue = "fast",
            description = "Lease timings: fast, normal or wide (${DEFAULT-VALUE}).")
    private String preset = "fast";

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "Use this cluster's API instead of the embedded one; pods and Leases named demo are replaced.")
    private Optional<Path> kubeconfig = Optional.empty();

    @Option(names = "--keep-files", description = "Leave the files of the pods behind, for a look at logs.")
    private boolean keepFiles;

    @CommandLine.Spec
    private CommandLine.Model.@org.jspecify.annotations.Nullable CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
        long started = System.nanoTime();
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch cleaned = new CountDownLatch(1);
        Thread hook = Thread.ofPlatform().unstarted(() -> {
            interrupted.countDown();
            awaitQuietly(cleaned);
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try (LocalCluster cluster =
                LocalCluster.start(LocalLayout.standard(), preset, kubeconfig, line -> say(out, started, line))) {
            cluster.keepFiles(keepFiles);
            cluster.awaitFormed();
            if (check) {
                return new Checks(cluster, out, started).run() ? 0 : 1;
            }
            out.println(new DemoTable(cluster).text());
            out.flush();
            interrupted.await();
            say(out, started, "stopping");
            return 0;
        } finally {
            cleaned.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private static void say(PrintWriter out, long started, String line) {
        out.printf("%6.1f s  %s%n", (System.nanoTime() - started) / 1e9, line);
        out.flush();
    }
}
