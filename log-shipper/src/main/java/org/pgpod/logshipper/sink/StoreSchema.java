package org.pgpod.logshipper.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Makes and migrates the schema {@code pgpod_logs}; several shippers may do so at once. */
final class StoreSchema {
    /** The version that this code writes. */
    static final int VERSION = 2;

    /** Guards changes of the schema and its partitions against other shippers: the bytes of "pgpod". */
    static final long ADVISORY_LOCK = 0x7067706f64L;

    private StoreSchema() {}

    /**
     * Brings the store to {@link #VERSION}; a newer store is used as it is if it says that this version may write to it, and
     * refused otherwise. After a failure the connection is to be closed.
     */
    static void migrate(Connection connection) throws SQLException, IOException {
        int found = version(connection);
        if (found == VERSION || (found > VERSION && writableFrom(connection) <= VERSION)) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(" + ADVISORY_LOCK + ")");
            int version = version(connection);
            if (version > VERSION) {
                throw new IOException("the store's schema has version " + version + "; this shipper knows " + VERSION);
            }
            if (version == 0) {
                // A role that may not create schemas can use one that was made for it.
                statement.execute("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_namespace"
                        + " WHERE nspname = 'pgpod_logs') THEN"
                        + " CREATE SCHEMA pgpod_logs; END IF; END $$");
                statement.execute("CREATE TABLE pgpod_logs.schema_version (version integer NOT NULL)");
                statement.execute("INSERT INTO pgpod_logs.schema_version VALUES (0)");
            }
            for (int next = version + 1; next <= VERSION; next++) {
                statement.execute(resource("schema-" + next + ".sql"));
                statement.execute("UPDATE pgpod_logs.schema_version SET version = " + next);
            }
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    /** The store's version; 0 when it has no schema yet. */
    private static int version(Connection connection) throws SQLException {
        // A scan of the catalog: to_regclass may answer from a cache of before another shipper made the schema.
        try (Statement statement = connection.createStatement();
                ResultSet present = statement.executeQuery("SELECT EXISTS (SELECT FROM pg_class"
                        + " JOIN pg_namespace ON pg_namespace.oid = relnamespace"
                        + " WHERE nspname = 'pgpod_logs' AND relname = 'schema_version')")) {
            present.next();
            if (!present.getBoolean(1)) {
                return 0;
            }
        }
        try (Statement statement = connection.createStatement();
                ResultSet version = statement.executeQuery("SELECT version FROM pgpod_logs.schema_version")) {
            return version.next() ? version.getInt(1) : 0;
        }
    }

    /** The oldest version that may write to a store which is newer than this code. */
    private static int writableFrom(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet oldest = statement.executeQuery(
                        "SELECT coalesce(writable_from, version) FROM pgpod_logs.schema_version")) {
            return oldest.next() ? oldest.getInt(1) : Integer.MAX_VALUE;
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = StoreSchema.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("the resource " + name + " is missing from the program");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
