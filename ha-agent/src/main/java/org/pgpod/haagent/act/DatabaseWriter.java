package org.pgpod.haagent.act;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;

/** Changes the local Postgres over SQL: checkpoints, roles, slots. Each is idempotent. */
public final class DatabaseWriter {
    private final PostgresSession agent;
    private final PostgresSession administrator;
    private final RoleKeeper roles;
    private final SlotKeeper slots;

    /**
     * @param agent a session of the agent's own role, used by nobody who must not wait for a checkpoint
     * @param administrator a session of the superuser, kept only while roles are looked at
     */
    public DatabaseWriter(
            PostgresSession agent, PostgresSession administrator, java.nio.file.Path credentialsDirectory) {
        this.agent = agent;
        this.administrator = administrator;
        this.roles = new RoleKeeper(credentialsDirectory);
        this.slots = new SlotKeeper();
    }

    public Effect checkpoint(Duration timeout) {
        Effect asAgent = effect(agent.run(timeout, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("checkpoint");
                return true;
            }
        }));
        if (asAgent.succeeded()) {
            return asAgent;
        }
        // Before version 15 only a superuser may.
        Effect asAdministrator = effect(administrator.run(timeout, connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("checkpoint");
                return true;
            }
        }));
        administrator.close();
        return asAdministrator;
    }

    public Effect ensureRoles(Duration timeout) {
        Effect effect = effect(administrator.run(timeout, connection -> {
            try {
                return roles.ensure(connection);
            } catch (IOException noCredential) {
                throw new SQLException(noCredential.getMessage(), noCredential);
            }
        }));
        administrator.close();
        return effect;
    }

    public Effect ensureSlots(Set<String> wanted, Duration timeout) {
        return effect(agent.run(timeout, connection -> slots.ensure(connection, wanted)));
    }

    private static Effect effect(Reading<Boolean> result) {
        return switch (result) {
            case Reading.Failure<Boolean>(String reason) -> new Effect.Failed(reason);
            case Reading.Value<Boolean>(Boolean changed) -> changed ? new Effect.Changed() : new Effect.Unchanged();
        };
    }
}
