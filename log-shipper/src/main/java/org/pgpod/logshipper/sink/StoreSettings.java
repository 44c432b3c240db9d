package org.pgpod.logshipper.sink;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import org.pgpod.core.pod.Credential;

/**
 * Where the store is and how it is reached.
 *
 * @param passwordFile read at each connection; without it the server must let the user in by other means
 * @param authorities the certificates that the server's must be signed by; without it those of the Java runtime
 * @param timeout the longest time that one step of the protocol or one statement may take
 * @param retentionDays older days are removed; 0 keeps everything
 */
public record StoreSettings(
        String host,
        int port,
        String database,
        String user,
        Optional<Path> passwordFile,
        SslMode sslMode,
        Optional<Path> authorities,
        Duration timeout,
        int retentionDays) {

    /** How the connection is protected, as in libpq's {@code sslmode}. */
    public enum SslMode {
        DISABLE,
        PREFER,
        REQUIRE,
        VERIFY_CA,
        VERIFY_FULL
    }

    /** The JDBC URL, without the database, which is a property. */
    public String url() {
        String bracketed = host.contains(":") ? "[" + host + "]" : host;
        return "jdbc:postgresql://" + bracketed + ":" + port + "/";
    }

    /** The properties of a connection for this source; reads the password now. */
    public Properties properties(String applicationName) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("PGDBNAME", database);
        properties.setProperty("user", user);
        if (passwordFile.isPresent()) {
            properties.setProperty("password", new Credential(passwordFile.get()).read());
        }
        properties.setProperty(
                "sslmode", sslMode.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        if (authorities.isPresent()) {
            properties.setProperty("sslrootcert", authorities.get().toString());
        } else if (sslMode == SslMode.VERIFY_CA || sslMode == SslMode.VERIFY_FULL) {
            properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
        }
        long seconds = Math.max(1, timeout.toSeconds());
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("connectTimeout", Long.toString(seconds));
        properties.setProperty("socketTimeout", Long.toString(seconds));
        properties.setProperty("tcpKeepAlive", "true");
        // The server gives up before this side does, and finds out about a peer that is gone without waiting for hours.
        properties.setProperty(
                "options",
                "-c statement_timeout=" + (timeout.toMillis() * 9 / 10) + " -c lock_timeout="
                        + (timeout.toMillis() / 2)
                        + " -c idle_in_transaction_session_timeout=" + timeout.toMillis()
                        + " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
                        + " -c search_path=pg_catalog -c TimeZone=UTC -c client_min_messages=warning");
        return properties;
    }
}
