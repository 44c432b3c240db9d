package org.pgpod.haagent;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.CommandWords;
import org.pgpod.haagent.conf.InitialContent;
import org.pgpod.haagent.conf.InitialDatabase;
import org.pgpod.haagent.conf.InitialRole;
import org.pgpod.haagent.conf.InitialScript;
import org.pgpod.haagent.conf.RecoveryTarget;
import org.pgpod.haagent.model.BootstrapSettings;
import org.pgpod.haagent.model.CloneSettings;

/**
 * The part of the section {@code haAgent} that says how a cluster begins, and how its members get their copies.
 *
 * @param settings where its first data come from
 * @param cloning how members get their copies, as long as the cluster lives
 * @param content what it holds before the first client comes in
 */
record BootstrapOptions(BootstrapSettings settings, CloneSettings cloning, InitialContent content) {
    private static final Option<BootstrapSettings.Method> METHOD = Options.choice(
                    "bootstrapMethod",
                    BootstrapSettings.Method.class,
                    "Where the first data of a cluster come from that does not exist yet: a new, empty cluster (initdb), the"
                            + " data directory that another server left on the volume of `bootstrapMember` (adopt), or a"
                            + " backup that is recovered up to a target (restore).")
            .withDefault("initdb");
    private static final Option<Optional<String>> MEMBER = Options.optionalText(
            "bootstrapMember", "The one pod that may found the cluster; any may if left out. Must be set to adopt.");
    private static final Option<List<String>> RESTORE = Options.of(
                    "bootstrapRestoreCommand",
                    CommandWords.ALLOWED,
                    "The command that restores a backup, run without a shell in the Postgres container; `{target}` stands for"
                            + " the empty directory that it is to fill.",
                    CommandWords::parse)
            .withDefault("");
    private static final Option<Optional<String>> WAL = Options.optionalText(
            "bootstrapWalCommand",
            "Postgres's `restore_command` during the recovery of a restored backup, such as `cp /archive/%f %p`.");
    private static final Option<Map<String, String>> TARGET = Options.of(
                    "bootstrapRecoveryTarget",
                    RecoveryTarget.ALLOWED,
                    "Where the recovery of a restored backup ends.",
                    RecoveryTarget::parse)
            .withDefault("");
    private static final Option<Boolean> INCLUSIVE = Options.flag(
                    "bootstrapRecoveryInclusive", "Whether the recovery ends just after its target, or just before.")
            .withDefault("true");
    private static final Option<String> TIMELINE = Options.of(
                    "bootstrapRecoveryTimeline",
                    "latest, current, or the number of a timeline",
                    "The timeline along which a restored backup is recovered.",
                    RecoveryTarget::timeline)
            .withDefault("latest");
    private static final String BASE_BACKUP = "basebackup";
    private static final Option<List<List<String>>> CLONE = Options.of(
                    "cloneMethods",
                    "a list, one a line: basebackup, or " + CommandWords.ALLOWED,
                    "How a member gets a copy, each tried after the one before it has failed: from the primary (basebackup), or"
                            + " by a command that restores a backup, run without a shell in the Postgres container; `{target}`"
                            + " stands for the empty directory that it is to fill.",
                    BootstrapOptions::cloneMethods)
            .withDefault(BASE_BACKUP);
    private static final Option<Optional<String>> CLONE_WAL = Options.optionalText(
            "cloneWalCommand",
            "Postgres's `restore_command` for a new copy until it streams, such as `cp /archive/%f %p`. Commands among"
                    + " `cloneMethods` need it, unless they restore the WAL too, and so does a member tagged `nostream`, which"
                    + " takes all WAL from there. Needs Postgres 14.");
    private static final Option<List<InitialRole>> ROLES = Options.of(
                    "bootstrapRoles",
                    InitialRole.ALLOWED,
                    "Roles that a new cluster gets before the first client comes in; those that exist are left as they are.",
                    InitialContent::roles)
            .withDefault("");
    private static final Option<Path> PASSWORDS = Options.path(
                    "bootstrapPasswordDirectory",
                    "A mounted Secret with one file for each of `bootstrapRoles` that logs in with a password, named like the"
                            + " role.")
            .withDefault("/etc/pgpod/bootstrap-passwords");
    private static final Option<List<InitialDatabase>> DATABASES = Options.of(
                    "bootstrapDatabases",
                    InitialDatabase.ALLOWED,
                    "Databases that a new cluster gets before the first client comes in; those that exist are left as they"
                            + " are.",
                    InitialContent::databases)
            .withDefault("");
    private static final Option<List<InitialScript>> SQL = Options.of(
                    "bootstrapSql",
                    InitialScript.ALLOWED,
                    "SQL that the first primary of a new cluster runs as superuser, in this order, before the first client"
                            + " comes in: each file once, in one transaction.",
                    InitialContent::scripts)
            .withDefault("");

    /** The options of the section with those of the bootstrap, and of a standby cluster, at the end. */
    static List<Option<?>> after(List<Option<?>> others) {
        List<Option<?>> own = List.of(
                CLONE, CLONE_WAL, METHOD, MEMBER, RESTORE, WAL, TARGET, INCLUSIVE, TIMELINE, ROLES, PASSWORDS,
                DATABASES, SQL);
        return Stream.of(others, own, StandbyOptions.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Puts the values together; what contradicts itself is added to the problems. */
    static BootstrapOptions from(Values values, List<String> problems) {
        InitialContent content =
                new InitialContent(values.get(ROLES), values.get(DATABASES), values.get(SQL), values.get(PASSWORDS));
        problems.addAll(content.problems());
        return new BootstrapOptions(
                settings(values, problems), new CloneSettings(values.get(CLONE), values.get(CLONE_WAL)), content);
    }

    private static List<List<String>> cloneMethods(String text) {
        List<List<String>> methods = text.lines()
                .filter(line -> !line.isBlank())
                .map(line -> line.strip().equals(BASE_BACKUP) ? CloneSettings.BASE_BACKUP : CommandWords.parse(line))
                .toList();
        if (methods.isEmpty()) {
            throw new IllegalArgumentException("no method");
        }
        return methods;
    }

    private static BootstrapSettings settings(Values values, List<String> problems) {
        BootstrapSettings.Method method = values.get(METHOD);
        if (method == BootstrapSettings.Method.ADOPT && values.get(MEMBER).isEmpty()) {
            problems.add("haAgent.bootstrapMember must be set: it names the pod whose data directory is to be adopted");
        }
        if (method == BootstrapSettings.Method.RESTORE && values.get(RESTORE).isEmpty()) {
            problems.add("haAgent.bootstrapRestoreCommand must be set: it is to restore the backup");
        }
        if (method == BootstrapSettings.Method.RESTORE && values.get(WAL).isEmpty()) {
            problems.add("haAgent.bootstrapWalCommand must be set: without archived WAL nothing is recovered");
        }
        return new BootstrapSettings(
                method,
                values.get(MEMBER),
                values.get(RESTORE),
                RecoveryTarget.parameters(
                        values.get(TARGET), values.get(INCLUSIVE), values.get(TIMELINE), values.get(WAL)));
    }
}
