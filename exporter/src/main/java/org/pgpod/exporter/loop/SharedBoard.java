package org.pgpod.exporter.loop;

import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.pgpod.exporter.model.Board;
import org.pgpod.exporter.model.Collected;
import org.pgpod.exporter.model.Collector;
import org.pgpod.exporter.model.Server;
import org.pgpod.exporter.model.ServerState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one board that collections write and scrapes read; says in the log when the server or a collector changes state. */
final class SharedBoard {
    private static final Logger LOG = LoggerFactory.getLogger(SharedBoard.class);

    private final Predicate<Collector> inUse;

    // Replaced as a whole; writers take turns in update().
    private volatile Board board = Board.EMPTY;

    /**
     * An empty board.
     *
     * @param inUse whether a collector still is in use as it was when it began to run; what others bring is dropped
     */
    SharedBoard(Predicate<Collector> inUse) {
        this.inUse = inUse;
    }

    Board now() {
        return board;
    }

    /** Changes the board and returns what it was before. */
    private synchronized Board update(UnaryOperator<Board> change) {
        Board before = board;
        board = change.apply(before);
        return before;
    }

    void succeeded(Collector collector, Collected result, long startedAtMillis) {
        Board before = update(current -> inUse.test(collector)
                ? current.with(collector, state -> state.succeeded(result, startedAtMillis))
                : current);
        if (before.family(collector).failure().isPresent()) {
            LOG.info("collector recovered family={}", collector.name());
        }
    }

    void failed(Collector collector, String reason, long startedAtMillis) {
        Board before = update(current -> inUse.test(collector)
                ? current.with(collector, state -> state.failed(reason, startedAtMillis))
                : current);
        if (before.family(collector).failure().isEmpty()) {
            LOG.warn("collector fails family={} file={} reason={}", collector.name(), collector.source(), reason);
        }
    }

    /** Knows nothing any more of collectors that have none of these names. */
    void keep(Set<String> names) {
        var _ = update(current -> current.keeping(names));
    }

    void answering(Server server) {
        Board before = update(current -> current.answering(server));
        if (!before.server().equals(new ServerState.Answering(server))) {
            LOG.info("postgres answers server={}", server);
        }
    }

    void unreachable(String reason) {
        Board before = update(current -> current.unreachable(reason));
        if (!(before.server() instanceof ServerState.Unreachable)) {
            LOG.warn("postgres does not answer reason={}", reason);
        }
    }
}
