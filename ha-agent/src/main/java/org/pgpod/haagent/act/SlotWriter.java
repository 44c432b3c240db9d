package org.pgpod.haagent.act;

import java.time.Duration;
import java.util.function.Function;
import org.pgpod.haagent.client.PostgresSession;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;

/** Changes replication slots of the local Postgres, over sessions that nobody else waits for. */
public final class SlotWriter {
    private final PostgresSession session;
    private final Function<String, PostgresSession> inDatabase;
    private final SlotKeeper slots = new SlotKeeper();

    /**
     * @param session of the agent's own role
     * @param inDatabase opens one of the same role in the named database; it is closed after use
     */
    public SlotWriter(PostgresSession session, Function<String, PostgresSession> inDatabase) {
        this.session = session;
        this.inDatabase = inDatabase;
    }

    public Effect perform(SlotStep step, boolean inRecovery, Duration timeout) {
        if (step instanceof SlotStep.CreateLogical logical) {
            try (PostgresSession there = inDatabase.apply(logical.database())) {
                return perform(there, step, inRecovery, timeout);
            }
        }
        return perform(session, step, inRecovery, timeout);
    }

    private Effect perform(PostgresSession where, SlotStep step, boolean inRecovery, Duration timeout) {
        return switch (where.run(timeout, connection -> slots.perform(connection, step, inRecovery))) {
            case Reading.Failure<Boolean>(String reason) -> new Effect.Failed(reason);
            case Reading.Value<Boolean>(Boolean changed) -> changed ? new Effect.Changed() : new Effect.Unchanged();
        };
    }
}
