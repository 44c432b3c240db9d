package org.pgpod.haagent.loop;

import java.util.function.Supplier;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.Reading;

/** Reads what is inside this pod. */
final class LocalReader {
    private final Ports ports;
    private final BootClock clock;
    private final HaAgentSettings settings;
    private final Board board;

    LocalReader(Ports ports, HaAgentSettings settings, Board board) {
        this.ports = ports;
        this.clock = ports.clock();
        this.settings = settings;
        this.board = board;
    }

    void read() {
        Fact<SupervisorState> supervisor = fact(ports.supervisor()::readState);
        boolean up = supervisor.holds(state -> state.postgres() == SupervisorState.Postgres.UP);
        Fact<DatabaseFacts> database = up
                ? fact(() -> ports.database().read(settings.timings().retryPeriod()))
                : Fact.unseen("Postgres is not up");
        var volume = fact(ports.supervisor()::readVolume);
        var proxy = fact(ports.proxy()::read);
        var libraries = ports.libraries().digest();
        var progress = supervisor.known().flatMap(ports.supervisor()::readProgress);
        board.postLocal(local -> local.read(supervisor, volume, database, proxy, libraries, progress));
    }

    void readStorage() {
        var storage = fact(ports.supervisor()::readStorage);
        board.postLocal(local -> local.withStorage(storage));
    }

    private <T> Fact<T> fact(Supplier<Reading<T>> reader) {
        long began = clock.nowMillis();
        return switch (reader.get()) {
            case Reading.Value<T>(T value) -> Fact.seen(value, began);
            case Reading.Failure<T>(String reason) -> Fact.unseen(reason);
        };
    }
}
