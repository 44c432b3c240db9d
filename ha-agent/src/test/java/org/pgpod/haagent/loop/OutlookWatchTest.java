package org.pgpod.haagent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.PodOutlook;
import org.pgpod.haagent.model.port.OutlookPort;
import org.pgpod.haagent.model.port.Reading;

class OutlookWatchTest {
    /** Says what the test wants. */
    private static final class Kubernetes implements OutlookPort {
        private Reading<Boolean> leaving = Reading.of(false);
        private Reading<Boolean> cordoned = Reading.of(false);

        @Override
        public Reading<Boolean> leaving(Duration timeout) {
            return leaving;
        }

        @Override
        public Reading<Boolean> cordoned(Duration timeout) {
            return cordoned;
        }
    }

    private final Kubernetes kubernetes = new Kubernetes();
    private final List<PodOutlook> told = new ArrayList<>();
    private final OutlookWatch watch =
            new OutlookWatch(kubernetes, OutlookWatch.Extent.POD_AND_NODE, Duration.ofSeconds(1), told::add);

    private void look() {
        watch.lookAtPod();
        watch.lookAtNode();
    }

    @Test
    void onlyChangesAreTold() {
        look();
        look();
        assertThat(told).isEmpty();
        kubernetes.cordoned = Reading.of(true);
        look();
        look();
        kubernetes.cordoned = Reading.of(false);
        look();
        assertThat(told).containsExactly(new PodOutlook(false, true), PodOutlook.CALM);
    }

    @Test
    void onceLeavingIsForGood() {
        kubernetes.leaving = Reading.of(true);
        look();
        kubernetes.leaving = Reading.of(false);
        look();
        kubernetes.leaving = Reading.failed("HTTP 404");
        look();
        assertThat(told).containsExactly(new PodOutlook(true, false));
    }

    @Test
    void ofANodeThatCannotBeReadNothingIsAssumed() {
        kubernetes.cordoned = Reading.of(true);
        look();
        kubernetes.cordoned = Reading.failed("HTTP 403");
        look();
        assertThat(told).containsExactly(new PodOutlook(false, true), PodOutlook.CALM);
    }
}
