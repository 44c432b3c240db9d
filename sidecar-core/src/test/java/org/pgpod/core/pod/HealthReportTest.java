package org.pgpod.core.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HealthReportTest {
    private static final HealthReport REPORT =
            new HealthReport("b00t", 4711, true, false, "no store; é = 100 % of end\nis used");

    @Test
    void whatIsWrittenIsRead() {
        assertThat(HealthReport.parse(REPORT.format())).contains(REPORT);
        HealthReport well = new HealthReport("b00t", 4711, true, true, "");
        assertThat(HealthReport.parse(well.format())).contains(well);
        assertThat(well.format()).isEqualTo("pgpod-health=1 boot=b00t at=4711 live=true ready=true reason= end\n");
    }

    @Test
    void aTornOrForeignReportIsNone() {
        String text = REPORT.format();
        assertThat(HealthReport.parse(text.substring(0, text.length() - 3))).isEmpty();
        assertThat(HealthReport.parse(text.replace("health=1", "health=2"))).isEmpty();
        assertThat(HealthReport.parse(text.replace("live=true", "live=yes"))).isEmpty();
        assertThat(HealthReport.parse(text.replace("at=4711", "at=now"))).isEmpty();
    }

    @Test
    void aLongReasonStillFitsTheLine() {
        HealthReport report = new HealthReport("b00t", 1, true, false, "é".repeat(10_000));
        assertThat(report.format().length()).isLessThan(KeyValueLine.LENGTH_MAX);
        assertThat(HealthReport.parse(report.format())).contains(report);
    }
}
