package org.pgpod.wireproxy;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import org.pgpod.core.pod.BootClock;
import org.pgpod.wireproxy.standbys.Standby;
import org.pgpod.wireproxy.standbys.Standbys;

/** Shows each standby that clients may be brought to, read when metrics are read. */
final class StandbyGauges {
    private static final String LABEL = "standby";

    private final Standbys standbys;
    private final BootClock clock;

    StandbyGauges(Standbys standbys, BootClock clock) {
        this.standbys = standbys;
        this.clock = clock;
    }

    void register(PrometheusRegistry registry) {
        registry.register(gauge(
                "pgpod_proxy_standby_fit",
                "1 if new sessions may begin at this standby",
                one -> true,
                one -> one.isFitAt(clock.nowMillis()) ? 1 : 0));
        registry.register(gauge(
                "pgpod_proxy_standby_lag_bytes",
                "WAL that this standby has yet to replay, while that is known",
                one -> one.lagBytes() >= 0,
                Standby::lagBytes));
        registry.register(gauge(
                "pgpod_proxy_standby_sessions",
                "Sessions that this proxy has brought to this standby",
                one -> true,
                Standby::sessions));
        registry.register(CounterWithCallback.builder()
                .name("pgpod_proxy_standby_sessions_begun")
                .help("Sessions that reached this standby")
                .labelNames(LABEL)
                .callback(shown -> standbys.all().forEach(one -> shown.call((double) one.begun(), one.name())))
                .build());
    }

    private GaugeWithCallback gauge(
            String name, String help, Predicate<Standby> known, ToDoubleFunction<Standby> value) {
        return GaugeWithCallback.builder()
                .name(name)
                .help(help)
                .labelNames(LABEL)
                .callback(shown -> standbys.all().stream()
                        .filter(known)
                        .forEach(one -> shown.call(value.applyAsDouble(one), one.name())))
                .build();
    }
}
