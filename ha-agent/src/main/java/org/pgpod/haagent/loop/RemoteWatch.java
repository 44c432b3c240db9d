package org.pgpod.haagent.loop;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.pod.BootClock;
import org.pgpod.haagent.model.Fact;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.RemoteSighting;
import org.pgpod.haagent.model.StandbyWish;
import org.pgpod.haagent.model.port.Reading;
import org.pgpod.haagent.model.port.RemotePort;

/** Asks the other cluster what it is, while this one is to follow it, in a lane of its own: a far server may be slow. */
final class RemoteWatch {
    static final Duration INTERVAL = Duration.ofSeconds(2);

    private final RemotePort port;
    private final BootClock clock;
    private final Board board;
    private final Duration timeout;

    RemoteWatch(Ports ports, Board board, Duration timeout) {
        this.port = ports.remote();
        this.clock = ports.clock();
        this.board = board;
        this.timeout = timeout;
    }

    /** True when there is news. What was last heard stands, and ages, while there is no answer. */
    boolean tick() {
        Optional<RemotePrimary> wanted =
                board.facts().configuration().standby().known().flatMap(StandbyWish::remote);
        if (wanted.isEmpty()) {
            return false;
        }
        long sentMillis = clock.nowMillis();
        return switch (port.identify(wanted.get(), timeout)) {
            case Reading.Value<RemoteSighting>(RemoteSighting seen) -> {
                board.post(facts -> facts.withRemote(Fact.seen(seen, sentMillis)));
                yield true;
            }
            case Reading.Failure<RemoteSighting>(String reason) -> {
                boolean another =
                        !board.facts().remote().holds(seen -> seen.from().equals(wanted.get()));
                if (another) {
                    board.post(facts -> facts.withRemote(Fact.unseen(reason)));
                }
                yield another;
            }
        };
    }
}
