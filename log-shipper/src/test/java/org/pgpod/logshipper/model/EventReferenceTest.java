package org.pgpod.logshipper.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/log-events.md} lists every event as the code has it. */
class EventReferenceTest {
    private static final Path PAGE = Path.of(System.getProperty("pgpod.root")).resolve("docs/reference/log-events.md");

    @Test
    void thePageIsThatOfTheCode() throws IOException {
        String wanted = page();
        if (Boolean.getBoolean("pgpod.docs.write")) {
            Files.writeString(PAGE, wanted);
        }
        assertThat(PAGE)
                .as("docs/reference/log-events.md is generated: run the tests with -Dpgpod.docs.write=true")
                .hasContent(wanted);
    }

    private static String page() {
        StringBuilder text = new StringBuilder("""
                # Events in Postgres's log

                Generated from the code. log-shipper stores them in the column `event` of [`postgres_log`](log-store.md) and counts them in
                `pgpod_log_events_total`. A record belongs to the first event whose SQLSTATE it has and whose words its message has in this
                order, the first ones at its beginning; without a SQLSTATE only records of severity LOG, WARNING and FATAL do. Messages are
                compared in English: `lc_messages` must be `C` or English for events without a SQLSTATE. Each was seen on a real Postgres 15.

                | event | meaning | SQLSTATE and message |
                |---|---|---|
                """);
        for (PostgresEvent event : PostgresEvent.all()) {
            text.append("| `")
                    .append(event.label())
                    .append("` | ")
                    .append(event.meaning())
                    .append(" | ")
                    .append(event.marks().stream().map(EventReferenceTest::show).collect(Collectors.joining("; ")))
                    .append(" |\n");
        }
        return text.toString();
    }

    private static String show(EventMark mark) {
        String message = mark.pieces().isEmpty() ? "" : "`" + String.join("…", mark.pieces()) + "`";
        return mark.state().isEmpty() ? message : (mark.state() + " " + message).strip();
    }
}
