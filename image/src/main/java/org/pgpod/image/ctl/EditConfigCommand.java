package org.pgpod.image.ctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.ctl.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pgpod ctl edit-config}: changes the cluster's dynamic configuration, in an editor unless a change is given. */
@Command(
        name = "edit-config",
        description = "Changes the cluster's dynamic configuration; without options, in the editor that EDITOR names.")
final class EditConfigCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable CtlCommand parent;

    @Option(
            names = {"-s", "--set"},
            paramLabel = "KEY=VALUE",
            description = "Set a key, such as maximum_lag_on_failover=16MB; null removes it.")
    private Map<String, String> settings = new TreeMap<>();

    @Option(
            names = {"-p", "--pg"},
            paramLabel = "NAME=VALUE",
            description = "Set a parameter of Postgres; null removes it.")
    private Map<String, String> parameters = new TreeMap<>();

    @Option(names = "--apply", paramLabel = "FILE", description = "Merge this YAML or JSON into it; - for the input.")
    private @Nullable Path apply;

    @Option(names = "--replace", paramLabel = "FILE", description = "Replace it by this YAML or JSON; - for the input.")
    private @Nullable Path replace;

    @Option(
            names = "--editor",
            paramLabel = "PROGRAM",
            defaultValue = "${env:EDITOR:-vi}",
            description = "The editor (EDITOR, else vi).")
    private String editor = "vi";

    @Override
    public Integer call() throws IOException, InterruptedException {
        ControlClient client = Objects.requireNonNull(parent).client();
        if (replace != null) {
            return client.replaceConfig(CtlCommand.read(replace));
        }
        if (apply != null) {
            return client.applyConfig(CtlCommand.read(apply));
        }
        if (!settings.isEmpty() || !parameters.isEmpty()) {
            return client.editConfig(settings, parameters);
        }
        return edit(client);
    }

    private int edit(ControlClient client) throws IOException, InterruptedException {
        Optional<String> before = client.configText();
        if (before.isEmpty()) {
            return ControlClient.FAILED;
        }
        Path file = Files.createTempFile("pgpod-config", ".yaml");
        try {
            Files.writeString(file, before.get());
            int status = new ProcessBuilder(List.of("sh", "-c", editor + " \"$1\"", "sh", file.toString()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IOException("the editor " + editor + " ended with " + status + "; nothing was changed");
            }
            String after = Files.readString(file);
            return after.equals(before.get()) ? ControlClient.DONE : client.replaceConfig(after);
        } finally {
            Files.delete(file);
        }
    }
}
