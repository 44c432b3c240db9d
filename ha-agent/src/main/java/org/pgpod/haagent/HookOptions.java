package org.pgpod.haagent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.client.SmallFile;
import org.pgpod.haagent.conf.HooksFile;
import org.pgpod.haagent.loop.Hooks;
import org.pgpod.haagent.model.Hook;

/** The hooks that the pod's template names; read once, at the start. */
final class HookOptions {
    private static final int FILE_BYTES_MAX = 262_144;

    static final Option<Optional<Path>> FILE = Options.optionalPath(
            "hooksFile",
            "The file, YAML or JSON, with what is done when the role changes and when Postgres starts and stops: SQL,"
                    + " programs, HTTP requests. Read at the start.");

    private HookOptions() {}

    /** The hooks of each event; what is wrong is added to {@code problems}. */
    static Map<Hook.Event, List<Hook>> from(Values values, List<String> problems) {
        Optional<Path> file = values.get(FILE);
        if (file.isEmpty()) {
            return Map.of();
        }
        try {
            HooksFile.Outcome outcome = HooksFile.parse(SmallFile.read(file.get(), FILE_BYTES_MAX), Hooks.WAIT_MAX);
            outcome.problems().forEach(problem -> problems.add("haAgent.hooksFile " + file.get() + ": " + problem));
            return outcome.hooks();
        } catch (IOException unreadable) {
            problems.add("haAgent.hooksFile is '" + file.get() + "'; it must be a file that can be read: "
                    + unreadable.getMessage());
            return Map.of();
        }
    }
}
