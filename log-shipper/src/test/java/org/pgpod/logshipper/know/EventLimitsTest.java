package org.pgpod.logshipper.know;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgpod.logshipper.know.EventLimits.Limit;
import org.pgpod.logshipper.model.EventCounts.Omission;
import org.pgpod.logshipper.model.PostgresEvent;
import org.pgpod.logshipper.model.RecordFields;
import org.pgpod.logshipper.model.Table;

class EventLimitsTest {
    private final RecordFields fields = new RecordFields();

    private RecordFields record(long micros, long line) {
        fields.reset(Table.POSTGRES_LOG);
        fields.setTime(Table.POSTGRES_LOG.column("log_time"), micros);
        fields.setText(Table.POSTGRES_LOG.column("session_id"), "6b023430.3d35");
        fields.setBigint(Table.POSTGRES_LOG.column("line_num"), line);
        return fields;
    }

    @Test
    void aLimitCountsSecondsOfTheLog() {
        EventLimits limits = new EventLimits(List.of(Limit.parse("duration=2/s")));
        for (long second = 0; second < 3; second++) {
            for (int i = 0; i < 5; i++) {
                assertThat(limits.omit(PostgresEvent.DURATION, record(second * 1_000_000 + i, i))
                                .isEmpty())
                        .isEqualTo(i < 2);
            }
        }
        assertThat(limits.omit(PostgresEvent.DURATION, record(0, 9)))
                .as("of a second before")
                .contains(Omission.LIMITED);
        assertThat(limits.omit(PostgresEvent.DEADLOCK, record(0, 9))).isEmpty();
    }

    @Test
    void aShareIsChosenByIdentity() {
        int stored = 0;
        for (int line = 0; line < 10_000; line++) {
            boolean first = new EventLimits(List.of(Limit.parse("duration=20%")))
                    .omit(PostgresEvent.DURATION, record(0, line))
                    .isEmpty();
            assertThat(new EventLimits(List.of(Limit.parse("duration=20%")))
                            .omit(PostgresEvent.DURATION, record(5_000_000, line))
                            .isEmpty())
                    .isEqualTo(first);
            stored += first ? 1 : 0;
        }
        assertThat(stored).isBetween(1_800, 2_200);
    }

    @Test
    void whatIsNoLimitIsRefused() {
        for (String text :
                List.of("duration", "duration=", "duration=101%", "nothing=1/s", "duration=1/min", "duration=-1/s")) {
            assertThatThrownBy(() -> Limit.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
