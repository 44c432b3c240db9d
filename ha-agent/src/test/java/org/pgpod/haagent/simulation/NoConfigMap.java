package org.pgpod.haagent.simulation;

import java.time.Duration;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;

/** A cluster that nobody has given a dynamic configuration, in an API that takes none. */
final class NoConfigMap implements ConfigMapPort {
    @Override
    public Reading<ConfigMapView> read(Duration timeout) {
        return Reading.of(ConfigMapView.ABSENT);
    }

    @Override
    public Write write(ConfigMapView wanted, Duration timeout) {
        return new Write.Failed("the simulation keeps no ConfigMap");
    }
}
