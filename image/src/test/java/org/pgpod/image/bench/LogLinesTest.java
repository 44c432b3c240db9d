package org.pgpod.image.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LogLinesTest {
    private static final Instant TIME = Instant.parse("2026-11-05T10:00:00.007Z");
    private static final int RECORDS = 1_000;

    @Test
    void recordsAreJsonOfAboutTheSizeThatIsPromised() throws Exception {
        long bytes = 0;
        for (int number = 1; number <= RECORDS; number++) {
            String line = LogLines.line(number, TIME);
            assertThat(line).endsWith("}\n");
            assertThat(new ObjectMapper().readTree(line).path("timestamp").asText())
                    .isEqualTo("2026-11-05 10:00:00.007 UTC");
            bytes += line.length();
        }
        assertThat(bytes / RECORDS).isBetween(520L, 560L);
    }

    @Test
    void onlyTheMarkIsAWarning() {
        assertThat(LogLines.mark(RECORDS, TIME)).contains("\"error_severity\":\"WARNING\"");
        assertThat(LongStream.rangeClosed(1, RECORDS).mapToObj(number -> LogLines.line(number, TIME)))
                .noneMatch(line -> line.contains("WARNING"));
    }

    @Test
    void everyRecordBecomesARow() throws IOException {
        StringBuilder log = new StringBuilder();
        LongStream.rangeClosed(1, RECORDS).forEach(number -> log.append(LogLines.line(number, TIME)));
        assertThat(new ParseRate(log.toString().getBytes(StandardCharsets.UTF_8)).megabytesPerSecond())
                .isPositive();
    }
}
