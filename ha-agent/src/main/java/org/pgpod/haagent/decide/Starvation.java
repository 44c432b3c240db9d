package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.Optional;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.VolumeState;

/**
 * Whether a standby waits for WAL that no longer exists: it does not stream, has replayed all it has, and the oldest WAL
 * that the primary still has begins after its end. What the primary published only grows, so an old word of it holds.
 */
final class Starvation {
    /** A receiver that is late or loses its connection is back by then. */
    static final Duration LASTING = Duration.ofSeconds(20);

    private Starvation() {}

    static Watch watch(Observation now, Standing standing, Watch before) {
        if (!(standing instanceof Standing.Led led) || !led.record().isServing()) {
            return before.withStarved(0, Optional.empty());
        }
        Optional<DatabaseFacts> database = now.database();
        if (database.isEmpty()) {
            // Stopped to be cloned, or restarting: what was found out about this copy still holds.
            return before.withStarved(0, before.unfed());
        }
        boolean waits = database.get().inRecovery()
                && database.get().receiver() != DatabaseFacts.Receiver.STREAMING
                && now.local().settings().orElse(null) instanceof PostgresSettings.Standby
                && !Upstreams.followsStandby(now, led);
        if (!waits) {
            return before.withStarved(0, Optional.empty());
        }
        long since = before.starvedMillis() == 0 ? now.nowMillis() : before.starvedMillis();
        boolean gone = now.passed(LASTING, since) && isGone(now, led, database.get());
        Optional<DataId> copy = gone ? now.volume().flatMap(VolumeState::data) : before.unfed();
        return before.withStarved(since, copy);
    }

    private static boolean isGone(Observation now, Standing.Led led, DatabaseFacts database) {
        Optional<Lsn> oldest = led.view()
                .holder()
                .map(Holder::pod)
                .flatMap(now::member)
                .filter(status -> status.data().equals(led.record().data()))
                .flatMap(MemberStatus::oldestWal);
        return database.replayAtEnd()
                && oldest.filter(lsn -> lsn.compareTo(database.position()) > 0).isPresent();
    }

    /** Whether the copy on the volume is known to be beyond feeding. */
    static boolean of(VolumeState volume, Memory memory) {
        return memory.watch().unfed().isPresent() && memory.watch().unfed().equals(volume.data());
    }
}
