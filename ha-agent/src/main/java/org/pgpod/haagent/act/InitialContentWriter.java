package org.pgpod.haagent.act;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.pgpod.core.pod.Credential;
import org.pgpod.haagent.client.ScriptSession;
import org.pgpod.haagent.conf.InitialContent;
import org.pgpod.haagent.conf.InitialDatabase;
import org.pgpod.haagent.conf.InitialRole;
import org.pgpod.haagent.conf.PostgresRole;
import org.pgpod.haagent.conf.SqlName;
import org.pgpod.haagent.model.port.Effect;

/**
 * Makes what a new cluster is to hold: roles and databases that are missing, then each SQL file once. Stopped anywhere, it
 * goes on where it was. What exists already is left as it is.
 *
 * <p>No password reaches the server: it gets verifiers, and the session that sets them logs no statement.
 */
public final class InitialContentWriter {
    private static final String UNLOGGED = "set log_statement = 'none'; set log_min_duration_statement = -1;"
            + " set log_min_error_statement = 'panic'";
    private static final String DATABASE = PostgresRole.POSTGRES.text();

    private final ScriptSession session;
    private final InitialContent content;

    /** @param session of the superuser */
    public InitialContentWriter(ScriptSession session, InitialContent content) {
        this.session = session;
        this.content = content;
    }

    /** Makes all of it; a failure names the role, the database, or the place in the file, and leaves that part undone. */
    public Effect make(Duration limit) {
        if (content.isEmpty()) {
            return new Effect.Unchanged();
        }
        try {
            // What cannot be read should be known before anything is made.
            Map<String, String> verifiers = verifiers();
            List<SqlFile> files = SqlFile.of(content.scripts());
            boolean changed = false;
            try (Connection connection = session.open(DATABASE, limit)) {
                changed |= roles(connection, verifiers);
                for (InitialDatabase database : content.databases()) {
                    changed |= ensure(connection, database);
                }
            }
            for (SqlFile file : files) {
                changed |= run(file, limit);
            }
            return changed ? new Effect.Changed() : new Effect.Unchanged();
        } catch (SQLException | IOException failed) {
            return new Effect.Failed(SqlFailure.describe(failed, ""));
        }
    }

    private Map<String, String> verifiers() throws IOException {
        Map<String, String> verifiers = new HashMap<>();
        for (InitialRole role : content.roles()) {
            if (role.password()) {
                String password = new Credential(content.passwords().resolve(role.name())).read();
                verifiers.put(role.name(), ScramVerifier.of(password).text());
            }
        }
        return verifiers;
    }

    /** All roles or none: a role never exists without its memberships. */
    private boolean roles(Connection connection, Map<String, String> verifiers) throws SQLException, IOException {
        connection.setAutoCommit(false);
        boolean changed = false;
        try (Statement statement = connection.createStatement()) {
            statement.execute(UNLOGGED);
            for (InitialRole role : content.roles()) {
                if (exists(connection, "select 1 from pg_catalog.pg_roles where rolname = ?", role.name())) {
                    continue;
                }
                String name = SqlName.quoted(role.name());
                String password =
                        verifiers.containsKey(role.name()) ? " password '" + verifiers.get(role.name()) + "'" : "";
                String attributes = String.join(" ", role.attributes());
                attempt(statement, "create role " + name + " " + attributes + password, "the role " + role.name());
                for (String group : role.memberOf()) {
                    String what = "the membership of " + role.name() + " in " + group;
                    attempt(statement, "grant " + SqlName.quoted(group) + " to " + name, what);
                }
                changed = true;
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        return changed;
    }

    private static boolean exists(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private static boolean ensure(Connection connection, InitialDatabase database) throws SQLException, IOException {
        if (exists(connection, "select 1 from pg_catalog.pg_database where datname = ?", database.name())) {
            return false;
        }
        StringBuilder sql = new StringBuilder("create database ").append(SqlName.quoted(database.name()));
        database.owner().ifPresent(owner -> sql.append(" owner ").append(SqlName.quoted(owner)));
        database.template().ifPresent(template -> sql.append(" template ").append(SqlName.quoted(template)));
        database.encoding()
                .ifPresent(
                        encoding -> sql.append(" encoding '").append(encoding).append('\''));
        database.locale()
                .ifPresent(locale -> sql.append(" locale '").append(locale).append('\''));
        try (Statement statement = connection.createStatement()) {
            attempt(statement, sql.toString(), "the database " + database.name());
        }
        return true;
    }

    private static void attempt(Statement statement, String sql, String what) throws SQLException, IOException {
        try {
            statement.execute(sql);
        } catch (SQLException failed) {
            throw new IOException(what + ": " + SqlFailure.describe(failed, ""), failed);
        }
    }

    private boolean run(SqlFile file, Duration limit) throws IOException {
        String text = file.text();
        try (Connection connection = session.open(file.database(), limit)) {
            return new OnceLedger(connection).run(file.name(), text);
        } catch (SQLException failed) {
            throw new IOException(file + ": " + SqlFailure.describe(failed, text), failed);
        }
    }
}
