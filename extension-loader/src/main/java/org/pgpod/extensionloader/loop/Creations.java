package org.pgpod.extensionloader.loop;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.extensionloader.model.ClusterLibraries;
import org.pgpod.extensionloader.model.DesiredExtension;
import org.pgpod.extensionloader.model.InstalledSet;
import org.pgpod.extensionloader.model.Sha256;
import org.pgpod.extensionloader.sql.AgentStatus;
import org.pgpod.extensionloader.sql.ExtensionCreator;

/**
 * Creates and updates extensions where they are wanted: on the primary only, and only once every member can load them.
 * What is done is not looked at again until the libraries, the role or the desired list change.
 */
final class Creations {
    private final AgentStatus agent;
    private final ExtensionCreator creator;
    private final Journal journal;
    private final LoaderMeters meters;
    private final Backoff fresh;

    private final Set<Target> done = new HashSet<>();
    private final Map<Target, Backoff> waiting = new HashMap<>();

    private record Target(DesiredExtension extension, String database, Sha256 libraries) {
        String subject() {
            return "database " + database + " extension " + extension.name();
        }
    }

    Creations(AgentStatus agent, ExtensionCreator creator, Journal journal, LoaderMeters meters, Backoff fresh) {
        this.agent = agent;
        this.creator = creator;
        this.journal = journal;
        this.meters = meters;
        this.fresh = fresh;
    }

    /** Does what may be done now. */
    void pass(List<DesiredExtension> desired, InstalledSet loaded, Instant now) throws InterruptedException {
        Set<Target> targets = targets(desired, loaded);
        done.retainAll(targets);
        waiting.keySet().retainAll(targets);
        Set<String> subjects = new HashSet<>();
        targets.forEach(target -> subjects.add(target.subject()));
        journal.forgetOthers("database ", subjects);
        targets.removeAll(done);
        if (targets.isEmpty()) {
            return;
        }
        Optional<String> objection = objection(loaded.digest());
        for (Target target : targets) {
            if (objection.isPresent()) {
                journal.note(target.subject(), objection.get(), Journal.Weight.NEWS);
            } else if (waiting.getOrDefault(target, fresh).allows(now)) {
                create(target, now);
            }
        }
    }

    private static Set<Target> targets(List<DesiredExtension> desired, InstalledSet loaded) {
        Set<Target> targets = new LinkedHashSet<>();
        for (DesiredExtension extension : desired) {
            if (loaded.extension(extension.name()).isPresent()) {
                extension
                        .databases()
                        .forEach(database -> targets.add(new Target(extension, database, loaded.digest())));
            }
        }
        return targets;
    }

    private Optional<String> objection(Sha256 own) throws InterruptedException {
        try {
            ClusterLibraries cluster = agent.read();
            if (!cluster.onPrimary()) {
                done.clear();
                return Optional.of("left to the primary");
            }
            return cluster.objection(own);
        } catch (IOException e) {
            return Optional.of("ha-agent does not answer");
        }
    }

    private void create(Target target, Instant now) {
        try {
            ExtensionCreator.Outcome outcome = creator.ensure(target.extension(), target.database());
            done.add(target);
            waiting.remove(target);
            String word = outcome.name().toLowerCase(Locale.ROOT);
            meters.created(word);
            journal.note(target.subject(), word, Journal.Weight.NEWS);
        } catch (SQLException | IOException e) {
            waiting.put(target, waiting.getOrDefault(target, fresh).afterFailure(now));
            meters.failed(LoaderMeters.Phase.CREATE);
            journal.note(target.subject(), "failed: " + e.getMessage(), Journal.Weight.TROUBLE);
        }
    }
}
