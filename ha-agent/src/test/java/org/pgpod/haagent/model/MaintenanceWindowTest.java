package org.pgpod.haagent.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which moments a window contains. 2026-11-21 is a Saturday; Berlin is an hour ahead of UTC then, and two in summer. */
class MaintenanceWindowTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Sat,Sun 02:00-04:00 UTC                        | 2026-11-21T01:59:59Z | false
            Sat,Sun 02:00-04:00 UTC                        | 2026-11-21T02:00:00Z | true
            Sat,Sun 02:00-04:00 UTC                        | 2026-11-21T03:59:59Z | true
            Sat,Sun 02:00-04:00 UTC                        | 2026-11-21T04:00:00Z | false
            Sat,Sun 02:00-04:00 UTC                        | 2026-11-20T03:00:00Z | false
            Fri 22:00-01:00 UTC                            | 2026-11-20T22:00:00Z | true
            Fri 22:00-01:00 UTC                            | 2026-11-21T00:59:59Z | true
            Fri 22:00-01:00 UTC                            | 2026-11-21T01:00:00Z | false
            Fri 22:00-01:00 UTC                            | 2026-11-20T00:30:00Z | false
            Sat 00:00-24:00 UTC                            | 2026-11-21T00:00:00Z | true
            Sat 00:00-24:00 UTC                            | 2026-11-21T23:59:59Z | true
            Sat 00:00-24:00 UTC                            | 2026-11-22T00:00:00Z | false
            daily 00:00-24:00 UTC                          | 2026-11-18T12:00:00Z | true
            Sat-Mon 10:00-11:00 UTC                        | 2026-11-22T10:30:00Z | true
            Sat-Mon 10:00-11:00 UTC                        | 2026-11-23T10:30:00Z | true
            Sat-Mon 10:00-11:00 UTC                        | 2026-11-24T10:30:00Z | false
            sat 02:00-03:00 Europe/Berlin                  | 2026-11-21T01:30:00Z | true
            sat 02:00-03:00 Europe/Berlin                  | 2026-11-21T02:30:00Z | false
            Sat 02:00-03:00 Europe/Berlin                  | 2026-07-18T00:30:00Z | true
            Tue 02:00-03:00 UTC; Sat 05:00-06:00 UTC       | 2026-11-21T05:30:00Z | true
            Tue 02:00-03:00 UTC; Sat 05:00-06:00 UTC       | 2026-11-21T02:30:00Z | false
            """)
    void contains(String text, Instant moment, boolean expected) {
        assertThat(MaintenanceWindow.parse(text).contains(moment)).isEqualTo(expected);
    }

    @Test
    void nothingIsAnyTime() {
        assertThat(MaintenanceWindow.parse(" ")).isEqualTo(MaintenanceWindow.ALWAYS);
        assertThat(MaintenanceWindow.ALWAYS.contains(Instant.EPOCH)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "02:00-04:00 UTC",
                "Sat 2:00-4:00 UTC",
                "Sat 02:00-25:00 UTC",
                "Sat 24:00-02:00 UTC",
                "Sat 02:00-02:00 UTC",
                "Sam 02:00-04:00 UTC",
                "Mon-Wed-Fri 02:00-04:00 UTC",
                "Sat 02:00-04:00",
                "Sat 02:00-04:00 Berlin",
                "Sat 02:00-04:00 UTC;",
                "0 2 * * 6"
            })
    void whatIsNoWindowIsRefused(String text) {
        assertThatThrownBy(() -> MaintenanceWindow.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
