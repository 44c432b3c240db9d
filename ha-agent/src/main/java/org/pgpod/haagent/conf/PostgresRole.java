package org.pgpod.haagent.conf;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The Postgres roles of pgpod; each has its password in a credential file of its own name. */
public enum PostgresRole {
    /** The superuser that initdb makes; ha-agent uses it to keep the other roles as they should be. */
    POSTGRES,
    /** ha-agent itself. */
    PGPOD_AGENT,
    /** Walreceivers and pg_basebackup of other members. */
    PGPOD_REPLICATION,
    /** pg_rewind of other members. */
    PGPOD_REWIND,
    PGPOD_EXPORTER,
    PGPOD_PROXY,
    /** extension-loader, a superuser because CREATE EXTENSION mostly needs one. */
    PGPOD_LOADER;

    /** The role's name in Postgres. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The names of all roles, the superuser included. */
    public static List<String> names() {
        return Arrays.stream(values()).map(PostgresRole::text).toList();
    }
}
