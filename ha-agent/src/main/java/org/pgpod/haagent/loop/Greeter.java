package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.haagent.model.Contact;
import org.pgpod.haagent.model.HaAgentSettings;
import org.pgpod.haagent.model.SupervisorState;
import org.pgpod.haagent.model.port.Reading;

/**
 * Opens a new session every few seconds and tells since when none has been answered. One attempt may take as long as the
 * limit, so that a server that is merely slow gets its answer through.
 */
final class Greeter {
    static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Ports ports;
    private final HaAgentSettings settings;
    private final Board board;

    Greeter(Ports ports, HaAgentSettings settings, Board board) {
        this.ports = ports;
        this.settings = settings;
        this.board = board;
    }

    void tick() {
        Optional<String> server = board.facts()
                .local()
                .supervisor()
                .known()
                .filter(state -> state.postgres() == SupervisorState.Postgres.UP)
                .map(SupervisorState::server);
        if (server.isEmpty() || settings.hangTimeout().isZero()) {
            return;
        }
        long began = ports.clock().nowMillis();
        Contact waiting = board.facts()
                .local()
                .contact()
                .filter(before -> before.server().equals(server.get()))
                .orElseGet(() -> new Contact(server.get(), began));
        board.postLocal(local -> local.withContact(Optional.of(waiting)));
        boolean silent =
                ports.database().answers(settings.hangTimeout()) instanceof Reading.Value<Boolean>(Boolean answered)
                        && !answered;
        if (!silent) {
            board.postLocal(local -> local.withContact(Optional.empty()));
        }
    }
}
