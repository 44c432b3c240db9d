package org.pgpod.haagent.simulation;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.pgpod.haagent.model.ConfigMapView;
import org.pgpod.haagent.model.port.ConfigMapPort;
import org.pgpod.haagent.model.port.Reading;

/** The cluster's dynamic configuration as one pod reads it, in an API that takes none from agents. */
final class ConfigEntry implements ConfigMapPort {
    private final Pod pod;

    ConfigEntry(Pod pod) {
        this.pod = pod;
    }

    @Override
    public Reading<ConfigMapView> read(Duration timeout) {
        if (pod.trouble() == ApiClient.Trouble.UNREACHABLE || pod.trouble() == ApiClient.Trouble.REFUSED) {
            return Reading.failed("no answer");
        }
        return Reading.of(pod.cluster
                .configuration
                .map(text -> new ConfigMapView(
                        Integer.toString(text.hashCode()), new TreeMap<>(Map.of(ConfigMapView.CONFIG, text))))
                .orElse(ConfigMapView.ABSENT));
    }

    @Override
    public Write write(ConfigMapView wanted, Duration timeout) {
        return new Write.Failed("the simulation takes no entries of agents");
    }
}
