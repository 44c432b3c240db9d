package org.pgpod.image.observation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Set;
import org.junit.jupiter.api.Test;

class MetricUsesTest {
    @Test
    void metricsAreToldFromFunctionsWordsAndLabels() {
        MetricUses uses = MetricUses.of("""
                histogram_quantile(0.95, sum by (instance, le) (rate(wait_bucket{database=~"a|b{", user!='x'}[5m])))
                  > on (pod) group_left (node) 2 * max without (mode) (capacity) offset 10m
                unless absent(up) and time() - 1e9 < bool $limit
                """);
        assertThat(uses.selectors())
                .containsExactly(
                        new MetricUses.Selector("wait_bucket", Set.of("database", "user")),
                        new MetricUses.Selector("capacity", Set.of()),
                        new MetricUses.Selector("up", Set.of()));
        assertThat(uses.groupings()).containsExactlyInAnyOrder("instance", "le", "pod", "node", "mode");
    }

    @Test
    void grafanasVariablesAreNoMetrics() {
        assertThat(MetricUses.of("rate(one{instance=~\"$instance\"}[$__rate_interval]) + ${offset:raw}")
                        .selectors())
                .containsExactly(new MetricUses.Selector("one", Set.of("instance")));
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> MetricUses.of("one ? two"));
        assertThatIllegalArgumentException().isThrownBy(() -> MetricUses.of("{__name__=\"one\"}"));
        assertThatIllegalArgumentException().isThrownBy(() -> MetricUses.of("sum by (a"));
    }
}
