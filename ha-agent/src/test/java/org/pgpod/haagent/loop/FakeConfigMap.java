package org.pgpod.haagent.loop;

import java.time.Duration;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;

/** The cluster's ConfigMap in memory, with optimistic locking. */
final class FakeConfigMap implements ConfigMapPort {
    private ConfigMapView view = ConfigMapView.ABSENT;
    private int version;

    ConfigMapView view() {
        return view;
    }

    @Override
    public Reading<ConfigMapView> read(Duration timeout) {
        return Reading.of(view);
    }

    @Override
    public Write write(ConfigMapView wanted, Duration timeout) {
        if (!wanted.resourceVersion().equals(view.resourceVersion())) {
            return new Write.Outdated();
        }
        version++;
        view = new ConfigMapView(Integer.toString(version), wanted.entries());
        return new Write.Stored(view);
    }
}
