package org.pgpod.haagent;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.pgpod.core.config.Option;
import org.pgpod.core.config.Options;
import org.pgpod.core.config.Values;
import org.pgpod.haagent.conf.InitialContent;
import org.pgpod.haagent.conf.InitialDatabase;
import org.pgpod.haagent.conf.InitialRole;
import org.pgpod.haagent.conf.InitialScript;

/**
 * How a cluster begins: the part of the section {@code haAgent} that counts only until the cluster is open.
 *
 * @param content what it holds before the first client comes in
 */
record BootstrapOptions(InitialContent content) {
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

    /** The options of the section with those of the bootstrap at the end. */
    static List<Option<?>> after(List<Option<?>> others) {
        return Stream.concat(others.stream(), Stream.of(ROLES, PASSWORDS, DATABASES, SQL))
                .toList();
    }

    /** Puts the values together; what contradicts itself is added to the problems. */
    static BootstrapOptions from(Values values, List<String> problems) {
        InitialContent content =
                new InitialContent(values.get(ROLES), values.get(DATABASES), values.get(SQL), values.get(PASSWORDS));
        problems.addAll(content.problems());
        return new BootstrapOptions(content);
    }
}
