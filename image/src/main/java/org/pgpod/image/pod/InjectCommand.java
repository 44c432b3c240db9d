package org.pgpod.image.pod;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code pgpod inject}: manifests in, manifests with pgpod's sidecars out. Exit status 0: written; 1: refused, every
 * reason on a line of standard error, and nothing written.
 */
@Command(
        name = "inject",
        mixinStandardHelpOptions = true,
        description = "Add pgpod's sidecars to a StatefulSet with one Postgres container; files in, files out.")
public final class InjectCommand implements Callable<Integer> {
    /** Larger manifests are refused before they are read into memory. */
    private static final int INPUT_BYTES_MAX = 8 * 1024 * 1024;

    private static final String STANDARD_STREAM = "-";

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            required = true,
            description = "YAML documents or a JSON object to read; - is standard input.")
    private String input = STANDARD_STREAM;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write the result; standard output if not given.")
    private @Nullable Path output;

    @Option(
            names = "--image",
            paramLabel = "REFERENCE",
            defaultValue = InjectionSettings.DEFAULT_IMAGE,
            description = "Image of the sidecars, as your nodes can pull it (default: ${DEFAULT-VALUE}).")
    private String image = InjectionSettings.DEFAULT_IMAGE;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            description = "Name of the cluster (default: label pgpod.org/cluster, else the StatefulSet's name).")
    private @Nullable String cluster;

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description = "Namespace of what --objects adds, if the StatefulSet names none.")
    private @Nullable String namespace;

    @Option(
            names = "--objects",
            description = "Also write what the cluster needs beside its pods: account, permissions, Services,"
                    + " configuration, certificates, disruption budget.")
    private boolean withObjects;

    @Spec
    private @Nullable CommandSpec spec;

    private final InputStream standardInput;

    public InjectCommand() {
        this(System.in);
    }

    InjectCommand(InputStream standardInput) {
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() {
        try {
            var manifests = ManifestText.parse(sourceName(), read());
            return switch (ManifestInjection.inject(manifests, injector(), extent())) {
                case ManifestInjection.Result.Failed failed -> fail(failed.reasons());
                case ManifestInjection.Result.Done done -> {
                    write(done.text());
                    done.notes().forEach(note -> errors().println("note: " + note));
                    yield 0;
                }
            };
        } catch (ManifestText.MalformedException e) {
            return fail(List.of(Optional.ofNullable(e.getMessage()).orElse("malformed")));
        } catch (NoSuchFileException e) {
            return fail(List.of(e.getFile() + ": no such file"));
        } catch (IOException e) {
            return fail(List.of(e.getClass().getSimpleName() + ": " + e.getMessage()));
        }
    }

    private Injector injector() {
        return new Injector(new InjectionSettings(image, Optional.ofNullable(cluster), Optional.ofNullable(namespace)));
    }

    private ManifestInjection.Extent extent() {
        return withObjects ? ManifestInjection.Extent.PODS_AND_OBJECTS : ManifestInjection.Extent.PODS;
    }

    private String sourceName() {
        return input.equals(STANDARD_STREAM) ? "standard input" : input;
    }

    private String read() throws IOException, ManifestText.MalformedException {
        byte[] bytes = input.equals(STANDARD_STREAM) ? bounded(standardInput) : readFile(Path.of(input));
        if (bytes.length > INPUT_BYTES_MAX) {
            throw new ManifestText.MalformedException(
                    sourceName() + ": larger than the " + INPUT_BYTES_MAX + " bytes that are allowed");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] readFile(Path file) throws IOException {
        try (InputStream stream = Files.newInputStream(file)) {
            return bounded(stream);
        }
    }

    private static byte[] bounded(InputStream stream) throws IOException {
        return stream.readNBytes(INPUT_BYTES_MAX + 1);
    }

    private void write(String text) throws IOException {
        if (output != null) {
            Files.writeString(output, text);
            return;
        }
        PrintWriter out = specification().commandLine().getOut();
        out.print(text);
        out.flush();
    }

    private int fail(List<String> reasons) {
        reasons.forEach(errors()::println);
        return 1;
    }

    private PrintWriter errors() {
        return specification().commandLine().getErr();
    }

    private CommandSpec specification() {
        if (spec == null) {
            throw new IllegalStateException("picocli sets the command specification before it calls a command");
        }
        return spec;
    }
}
