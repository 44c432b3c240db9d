package org.pgpod.haagent;

import java.time.Duration;
import java.util.Set;
import org.pgpod.haagent.act.DatabaseWriter;
import org.pgpod.haagent.act.InitialContentWriter;
import org.pgpod.haagent.act.SlotWriter;
import org.pgpod.haagent.client.PostgresGreeting;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.SlotSighting;
import org.pgpod.haagent.model.SlotStep;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.SlotPort;
import org.pgpod.haagent.observe.DatabaseReader;
import org.pgpod.haagent.observe.SlotReader;

/** The local Postgres over SQL: one side reads, the other writes. */
record LocalPostgres(
        DatabaseReader reader,
        DatabaseWriter writer,
        PostgresGreeting greeting,
        InitialContentWriter content,
        SlotReader slotReader,
        SlotWriter slotWriter)
        implements DatabasePort, SlotPort {
    @Override
    public Reading<DatabaseFacts> read(Duration timeout) {
        return reader.read(timeout);
    }

    @Override
    public Reading<Boolean> answers(Duration timeout) {
        return greeting.ask(timeout);
    }

    @Override
    public Effect checkpoint(Duration timeout) {
        return writer.checkpoint(timeout);
    }

    @Override
    public Effect ensureRoles(Duration timeout) {
        return writer.ensureRoles(timeout);
    }

    @Override
    public Effect populate(Duration timeout) {
        return content.make(timeout);
    }

    @Override
    public Effect ensureSlots(Set<String> wanted, Duration timeout) {
        return writer.ensureSlots(wanted, timeout);
    }

    @Override
    public Reading<SlotSighting> readSlots(Duration timeout) {
        return slotReader.read(timeout);
    }

    @Override
    public Effect changeSlot(SlotStep step, boolean inRecovery, Duration timeout) {
        return slotWriter.perform(step, inRecovery, timeout);
    }
}
