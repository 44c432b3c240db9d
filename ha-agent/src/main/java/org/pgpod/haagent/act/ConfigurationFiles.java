package org.pgpod.haagent.act;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.pgpod.core.pod.AtomicFile;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.conf.ConnectionString;
import org.pgpod.haagent.conf.HbaRules;
import org.pgpod.haagent.conf.IdentLines;
import org.pgpod.haagent.conf.ParameterFile;
import org.pgpod.haagent.conf.PostgresLayout;
import org.pgpod.haagent.conf.PostgresRole;
import org.pgpod.haagent.conf.ServerParameters;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.ServerConfiguration;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.port.ConfigurationPort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;

/**
 * The files of {@code run/conf}: each is replaced as a whole, readable by the group and nobody else, and left alone when
 * it already has the wanted content.
 */
public final class ConfigurationFiles implements ConfigurationPort {
    /** Directories in which Postgres, another user of the same group, makes files that the group may read. */
    private static final int SHARED_DIRECTORY_MODE = 02770;

    private final PostgresLayout layout;
    private final Path credentials;
    private final List<String> initdbOptions;

    public ConfigurationFiles(PostgresLayout layout, Path credentialsDirectory, List<String> initdbOptions) {
        this.layout = layout;
        this.credentials = credentialsDirectory;
        this.initdbOptions = List.copyOf(initdbOptions);
    }

    // Guards the names of the files that are renamed into place.
    @Override
    public synchronized Effect write(PostgresSettings settings, ServerConfiguration configuration) {
        try {
            for (Path directory :
                    List.of(layout.configurationDirectory(), layout.socketDirectory(), layout.logDirectory())) {
                share(directory);
            }
            boolean changed = replace(
                    layout.parameterFile(), ParameterFile.format(ServerParameters.of(settings, layout, configuration)));
            changed |= replace(layout.hbaFile(), HbaRules.text(layout.peers().security(), configuration.hba()));
            changed |= replace(layout.identFile(), IdentLines.text(configuration.ident()));
            changed |= replace(layout.passwordFile(), passwords(remoteOf(settings)));
            return changed ? new Effect.Changed() : new Effect.Unchanged();
        } catch (IOException failed) {
            return new Effect.Failed("the configuration of Postgres cannot be written: " + failed.getMessage());
        }
    }

    @Override
    public Map<String, String> wantedParameters(DynamicConfiguration configuration) {
        return ServerParameters.wanted(configuration.parameters(), layout);
    }

    private static void share(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
            Files.setAttribute(directory, "unix:mode", SHARED_DIRECTORY_MODE);
        }
    }

    private static boolean replace(Path file, String content) throws IOException {
        if (Files.exists(file) && Files.readString(file, StandardCharsets.UTF_8).equals(content)) {
            return false;
        }
        AtomicFile.replace(file, content);
        return true;
    }

    private static Optional<RemotePrimary> remoteOf(PostgresSettings settings) {
        return settings instanceof PostgresSettings.Remote(var ignored, RemotePrimary remote)
                ? Optional.of(remote)
                : Optional.empty();
    }

    private String passwords(Optional<RemotePrimary> remote) throws IOException {
        StringBuilder lines = new StringBuilder();
        if (remote.isPresent()) {
            lines.append(layout.remote().passwordLine(remote.get()));
        }
        for (PostgresRole role : List.of(PostgresRole.PGPOD_REPLICATION, PostgresRole.PGPOD_REWIND)) {
            String password = new Credential(credentials.resolve(role.text())).read();
            lines.append("*:*:*:")
                    .append(role.text())
                    .append(':')
                    .append(password.replace("\\", "\\\\").replace(":", "\\:"))
                    .append('\n');
        }
        return lines.toString();
    }

    @Override
    public synchronized Reading<List<String>> initdbArguments() {
        try {
            share(layout.configurationDirectory());
            String password = new Credential(credentials.resolve(PostgresRole.POSTGRES.text())).read();
            AtomicFile.replace(layout.superuserPasswordFile(), password + "\n");
        } catch (IOException failed) {
            return Reading.failed("the superuser's password cannot be handed to initdb: " + failed.getMessage());
        }
        List<String> arguments = new ArrayList<>(List.of(
                "--username=" + PostgresRole.POSTGRES.text(),
                "--pwfile=" + layout.superuserPasswordFile(),
                "--auth=scram-sha-256"));
        arguments.addAll(initdbOptions);
        return Reading.of(arguments);
    }

    @Override
    public synchronized Effect forgetInitdbSecrets() {
        try {
            return Files.deleteIfExists(layout.superuserPasswordFile()) ? new Effect.Changed() : new Effect.Unchanged();
        } catch (IOException failed) {
            return new Effect.Failed("initdb's password file cannot be removed: " + failed.getMessage());
        }
    }

    @Override
    public Reading<List<String>> cloneArguments(MemberName self, Upstream upstream) {
        // The copy gets a data id of its own only when it is complete: until then it streams under another name.
        String name = cloneName(self);
        return clone(name, layout.peers().replication(upstream, name), Optional.empty());
    }

    @Override
    public Reading<List<String>> cloneArguments(MemberName self, RemotePrimary remote) {
        String name = cloneName(self);
        return clone(name, layout.remote().replication(remote, name), Optional.of(remote));
    }

    private static String cloneName(MemberName self) {
        return "pgpod_clone_" + self.pod();
    }

    private Reading<List<String>> clone(String name, ConnectionString source, Optional<RemotePrimary> remote) {
        List<String> arguments = List.of(
                "--dbname=" + source,
                "--checkpoint=fast",
                "--wal-method=stream",
                "--progress",
                "--no-password",
                "--label=" + name);
        return withPasswords(arguments, remote);
    }

    @Override
    public Reading<List<String>> rewindArguments(Upstream upstream) {
        return withPasswords(
                List.of("--source-server=" + layout.peers().rewind(upstream), "--progress"), Optional.empty());
    }

    /** The tools read the password file, and may run before there ever was a server to write settings for. */
    private synchronized Reading<List<String>> withPasswords(List<String> arguments, Optional<RemotePrimary> remote) {
        try {
            share(layout.configurationDirectory());
            replace(layout.passwordFile(), passwords(remote));
            return Reading.of(arguments);
        } catch (IOException failed) {
            return Reading.failed("the passwords for replication cannot be written: " + failed.getMessage());
        }
    }
}
