package org.pgpod.image.ctl;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.sink.StoreSettings;
import org.pgpod.logshipper.sink.StoreSettings.SslMode;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Where the log store is, in libpq's words. */
final class LogStoreOptions {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    @Option(
            names = "--host",
            paramLabel = "HOST",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGHOST:-127.0.0.1}",
            description = "The host of the store (PGHOST, else 127.0.0.1).")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGPORT:-5432}",
            description = "Its port (PGPORT, else 5432).")
    private int port;

    @Option(
            names = {"-d", "--dbname"},
            paramLabel = "DATABASE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGDATABASE:-logs}",
            description = "The database (PGDATABASE, else logs).")
    private String database = "logs";

    @Option(
            names = {"-U", "--username"},
            paramLabel = "ROLE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGUSER:-log_shipper}",
            description = "The role (PGUSER, else log_shipper).")
    private String user = "log_shipper";

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "A file with the role's password; else that of ~/.pgpass or PGPASSFILE.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--sslmode",
            paramLabel = "MODE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGSSLMODE:-verify-full}",
            description = "How the connection is protected, in libpq's words (PGSSLMODE, else verify-full).")
    private String sslMode = "verify-full";

    @Option(
            names = "--sslrootcert",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:PGSSLROOTCERT}",
            description = "The authority of the server's certificate (PGSSLROOTCERT, else those of Java).")
    private @Nullable Path rootCertificate;

    StoreSettings settings() {
        return new StoreSettings(
                host,
                port,
                database,
                user,
                Optional.ofNullable(passwordFile),
                mode(),
                Optional.ofNullable(rootCertificate)
                        .filter(file -> !file.toString().isEmpty()),
                TIMEOUT,
                0);
    }

    private SslMode mode() {
        for (SslMode mode : SslMode.values()) {
            if (mode.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(sslMode)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "--sslmode is '" + sslMode + "'; it must be disable, prefer, require, verify-ca or verify-full");
    }
}
