package org.pgpod.logshipper.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.logshipper.model.Table;

class FormsTest {
    private static final Instant TIME = Instant.parse("2026-11-05T10:00:00.007Z");

    private static LogRow row(Map<String, String> more) {
        Map<String, String> values = new HashMap<>(Map.of(
                "pod", "p-0",
                "log_time", "2026-11-05 10:00:00.007+00",
                "error_severity", "ERROR",
                "state_code", "42601",
                "pid", "77",
                "user_name", "u",
                "database_name", "d",
                "message", "syntax error"));
        values.putAll(more);
        return new LogRow(Table.POSTGRES_LOG, TIME, values);
    }

    private static String written(RowFormat format, LogRow row) throws IOException {
        StringBuilder text = new StringBuilder();
        format.write(row, text);
        return text.toString();
    }

    @Test
    void timesAreSaidInSeveralWays() {
        Instant now = Instant.parse("2026-11-05T10:00:00Z");
        assertThat(LogTimes.parse("15m", now)).isEqualTo("2026-11-05T09:45:00Z");
        assertThat(LogTimes.parse("90s", now)).isEqualTo("2026-11-05T09:58:30Z");
        assertThat(LogTimes.parse("3d", now)).isEqualTo("2026-11-02T10:00:00Z");
        assertThat(LogTimes.parse("2026-11-04", now)).isEqualTo("2026-11-04T00:00:00Z");
        assertThat(LogTimes.parse("2026-11-04 08:30", now)).isEqualTo("2026-11-04T08:30:00Z");
        assertThat(LogTimes.parse("2026-11-04T08:30:00+01:00", now)).isEqualTo("2026-11-04T07:30:00Z");
        assertThatThrownBy(() -> LogTimes.parse("yesterday", now)).hasMessageContaining("the time is 'yesterday'");
    }

    @Test
    void filtersThatNoRecordCanFulfilAreRefusedOrAskNothing() {
        assertThatThrownBy(() -> filter(Optional.of("2350"), Optional.empty())).hasMessageContaining("'2350'");
        assertThatThrownBy(() -> filter(Optional.empty(), Optional.of(TIME))).hasMessageContaining("in order");
        LogFilter states = filter(Optional.of("23"), Optional.empty());
        assertThat(states.on(Table.POSTGRES_LOG)).isPresent();
        assertThat(states.on(Table.SIDECAR_LOG)).isEmpty();
    }

    private static LogFilter filter(Optional<String> state, Optional<Instant> until) {
        Optional<String> any = Optional.empty();
        return new LogFilter(any, any, Optional.of(TIME), until, Optional.empty(), state, any, any, any, any, any, any);
    }

    @Test
    void prefixHasPostgresEscapesWithWidths() {
        LogRow session = row(Map.of("remote_host", "10.0.0.9", "remote_port", "5000", "line_num", "3"));
        assertThat(LinePrefixFormat.parse("%m|%t|%n|%5p|%-5p|%%|%r|%h|%l|%a|%q%u@%d ")
                        .of(session))
                .isEqualTo("2026-11-05 10:00:00.007 UTC|2026-11-05 10:00:00 UTC|1793872800.007|   77|77   |%"
                        + "|10.0.0.9(5000)|10.0.0.9|3|[unknown]|u@d ");
        LogRow process = new LogRow(Table.POSTGRES_LOG, TIME, Map.of("pid", "7", "backend_type", "checkpointer"));
        assertThat(LinePrefixFormat.parse("[%p] %a%u%q%d ").of(process)).isEqualTo("[7] ");
        assertThatThrownBy(() -> LinePrefixFormat.parse("%m %y ")).hasMessageContaining("'%y'");
        assertThatThrownBy(() -> LinePrefixFormat.parse("%m %")).hasMessageContaining("'%'");
        assertThatThrownBy(() -> LinePrefixFormat.parse("%1000p")).hasMessageContaining("'%1000'");
    }

    @Test
    void recordsCannotDirectTheTerminal() throws Exception {
        LogRow evil =
                row(Map.of("message", "a\u001b]0;owned\u0007b\u009bm\u202ec\r\nnext\tx", "statement", "s\u0000t"));
        assertThat(written(new TerminalFormat(), evil)).isEqualTo("""
                2026-11-05T10:00:00.007Z p-0 ERROR 42601 [77] u@d  a\\x1b]0;owned\\x07b\\x9bm\\x202ec\\x0d
                        next\tx
                    STATEMENT: s\\x00t
                """);
    }

    @Test
    void jsonOfTheStoreHasEveryColumnUnderItsName() throws Exception {
        LogRow row = row(Map.of("extra", "{\"k\": [1, {\"a\": null}]}", "source_id", "s", "truncated_from_bytes", "9"));
        assertThat(written(JsonFormat.ofStore(), row)).isEqualTo("""
                {"table":"postgres_log","pod":"p-0","source_id":"s","log_time":"2026-11-05T10:00:00.007Z",\
                "user_name":"u","database_name":"d","pid":77,"error_severity":"ERROR","state_code":"42601",\
                "message":"syntax error","truncated_from_bytes":9,"extra":{"k":[1,{"a":null}]}}
                """);
        assertThat(written(JsonFormat.jsonlog(), row)).isEqualTo("""
                {"timestamp":"2026-11-05 10:00:00.007 UTC","user":"u","dbname":"d","pid":77,"error_severity":"ERROR",\
                "state_code":"42601","message":"syntax error","k":[1,{"a":null}]}
                """);
    }
}
