package org.pgpod.haagent.model.port;

import java.time.Duration;
import org.pgpod.haagent.model.ConfigMapView;

/** The ConfigMap {@code <cluster>-config}. Each method is one HTTP request. */
public interface ConfigMapPort {
    /** Reads it; one that does not exist is {@link ConfigMapView#ABSENT}. */
    Reading<ConfigMapView> read(Duration timeout);

    /** How a write ended. */
    sealed interface Write {
        record Stored(ConfigMapView stored) implements Write {}

        /** Somebody else wrote it since it was read. */
        record Outdated() implements Write {}

        record Failed(String reason) implements Write {}
    }

    /** Writes all entries, if the ConfigMap still has the version of {@code wanted}; without a version it is created. */
    Write write(ConfigMapView wanted, Duration timeout);
}
