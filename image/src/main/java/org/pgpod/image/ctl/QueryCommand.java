package org.pgpod.image.ctl;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.pgpod.haagent.ctl.QueryWish;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code pgpod ctl query}: runs SQL where clients of a member go. */
@Command(name = "query", description = "Runs SQL on the primary, or on another member.")
final class QueryCommand implements Callable<Integer> {
    @ParentCommand
    private @Nullable CtlCommand parent;

    @ArgGroup(multiplicity = "1")
    private @Nullable Source source;

    /** Where the SQL is. */
    private static final class Source {
        @Option(
                names = {"-c", "--command"},
                paramLabel = "SQL",
                description = "The SQL.")
        private @Nullable String command;

        @Option(names = "--file", paramLabel = "FILE", description = "A file with the SQL; - for the input.")
        private @Nullable Path file;
    }

    @Option(
            names = {"-m", "--member"},
            paramLabel = "MEMBER",
            description = "On which member.")
    private @Nullable String member;

    /** On which members. */
    enum Role {
        primary,
        replica,
        any
    }

    @Option(
            names = {"-r", "--role"},
            paramLabel = "ROLE",
            defaultValue = "primary",
            description = "On a member of this role: primary, replica or any.")
    private Role role = Role.primary;

    @Option(
            names = {"-d", "--dbname"},
            paramLabel = "DATABASE",
            defaultValue = "postgres",
            description = "The database (postgres).")
    private String database = "postgres";

    @Option(
            names = {"-U", "--username"},
            paramLabel = "USER",
            defaultValue = "postgres",
            description = "The user (postgres).")
    private String user = "postgres";

    @Option(names = "--password-file", paramLabel = "FILE", description = "A file with the user's password.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--sslmode",
            paramLabel = "MODE",
            defaultValue = "prefer",
            description = "How the connection is protected, in libpq's words (prefer).")
    private String sslMode = "prefer";

    @Option(names = "--sslrootcert", paramLabel = "FILE", description = "The authority of the server's certificate.")
    private @Nullable Path rootCertificate;

    @Override
    public Integer call() throws IOException {
        Source given = Objects.requireNonNull(source);
        String sql = given.command != null ? given.command : CtlCommand.read(Objects.requireNonNull(given.file));
        return Objects.requireNonNull(parent)
                .client()
                .query(new QueryWish(
                        sql,
                        Optional.ofNullable(member),
                        role.name(),
                        database,
                        user,
                        Optional.ofNullable(passwordFile),
                        sslMode,
                        Optional.ofNullable(rootCertificate)));
    }
}
