package org.pgpod.logshipper.model;

import java.util.Locale;

/** The kinds of log files, each with the table that its records go to. */
public enum LogStream {
    /** Postgres's jsonlog. */
    POSTGRES(Table.POSTGRES_LOG),
    /** Postgres's csvlog. */
    CSVLOG(Table.POSTGRES_LOG),
    /** What else was written to Postgres's standard error. */
    STDERR(Table.POSTGRES_STDERR),
    /** The sidecars' JSON lines. */
    SIDECAR(Table.SIDECAR_LOG);

    private final Table table;

    LogStream(Table table) {
        this.table = table;
    }

    public Table table() {
        return table;
    }

    /** The name that labels and the store's rows carry. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
