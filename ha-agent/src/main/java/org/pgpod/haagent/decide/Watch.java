package org.pgpod.haagent.decide;

import java.util.Optional;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.StorageTrouble;

/**
 * Since when something has been so, for decisions that wait until it lasts; a part of {@link Memory}. Times are of the
 * boot clock, and 0 means that it is not so.
 *
 * @param trouble what is wrong with the volume, since {@code troubleMillis}
 * @param preferred the steady member that should rather be the primary than we, since {@code preferredMillis}
 * @param attempts hand-overs to a preferred member that were begun within the last day, the last at {@code attemptMillis}
 * @param starvedMillis since when our standby does not stream although it should
 * @param unfed the copy that needs WAL which its primary no longer has
 * @param launchedMillis when a standby was started that has not run steadily yet
 * @param failures starts and mendings of our copy in a row that failed; the next one waits until {@code mendMillis}
 */
public record Watch(
        Optional<StorageTrouble> trouble,
        long troubleMillis,
        Optional<String> preferred,
        long preferredMillis,
        int attempts,
        long attemptMillis,
        long starvedMillis,
        Optional<DataId> unfed,
        long launchedMillis,
        int failures,
        long mendMillis) {

    /** Nothing lasts yet. */
    public static final Watch NONE =
            new Watch(Optional.empty(), 0, Optional.empty(), 0, 0, 0, 0, Optional.empty(), 0, 0, 0);

    /** Memory with what the observation says of everything that is watched. */
    static Memory update(Observation now, Standing standing, Memory memory) {
        Watch before = memory.watch();
        Watch next = Preference.watch(now, standing, memory, Storage.watch(now, before));
        next = Pace.watch(now, Starvation.watch(now, standing, next));
        return next.equals(before) ? memory : memory.change().watch(next).build();
    }

    Watch withTrouble(Optional<StorageTrouble> next, long sinceMillis) {
        return new Watch(
                next,
                sinceMillis,
                preferred,
                preferredMillis,
                attempts,
                attemptMillis,
                starvedMillis,
                unfed,
                launchedMillis,
                failures,
                mendMillis);
    }

    Watch withPreferred(Optional<String> next, long sinceMillis) {
        return new Watch(
                trouble,
                troubleMillis,
                next,
                sinceMillis,
                attempts,
                attemptMillis,
                starvedMillis,
                unfed,
                launchedMillis,
                failures,
                mendMillis);
    }

    Watch withAttempts(int next, long atMillis) {
        return new Watch(
                trouble,
                troubleMillis,
                Optional.empty(),
                0,
                next,
                atMillis,
                starvedMillis,
                unfed,
                launchedMillis,
                failures,
                mendMillis);
    }

    Watch withStarved(long sinceMillis, Optional<DataId> copy) {
        return new Watch(
                trouble,
                troubleMillis,
                preferred,
                preferredMillis,
                attempts,
                attemptMillis,
                sinceMillis,
                copy,
                launchedMillis,
                failures,
                mendMillis);
    }

    Watch withLaunched(long atMillis) {
        return new Watch(
                trouble,
                troubleMillis,
                preferred,
                preferredMillis,
                attempts,
                attemptMillis,
                starvedMillis,
                unfed,
                atMillis,
                failures,
                mendMillis);
    }

    Watch withFailures(int next, long notBeforeMillis) {
        return new Watch(
                trouble,
                troubleMillis,
                preferred,
                preferredMillis,
                attempts,
                attemptMillis,
                starvedMillis,
                unfed,
                0,
                next,
                notBeforeMillis);
    }
}
