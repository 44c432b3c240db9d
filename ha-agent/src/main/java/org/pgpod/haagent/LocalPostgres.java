package org.pgpod.haagent;

import java.time.Duration;
import java.util.Set;
import org.pgpod.haagent.act.DatabaseWriter;
import org.pgpod.haagent.act.InitialContentWriter;
import org.pgpod.haagent.client.PostgresGreeting;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.port.DatabasePort;
import org.pgpod.haagent.model.port.Effect;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.observe.DatabaseReader;

/** The local Postgres over SQL: one side reads, the other writes. */
record LocalPostgres(
        DatabaseReader reader, DatabaseWriter writer, PostgresGreeting greeting, InitialContentWriter content)
        implements DatabasePort {
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
}
