package org.pgpod.core.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class JsonLoggingTest {
    @TempDir
    private Path directory;

    @Test
    void everyRecordIsOneJsonLineWithAnIdentityOfItsOwn() throws Exception {
        Path file = directory.resolve("sample.jsonl");
        JsonLogging.start("sample", Level.INFO, Optional.of(file));
        var log = LoggerFactory.getLogger("org.pgpod.sample");
        log.info("line one\nwith \"quotes\" key={}", "value");
        log.debug("not shown");
        log.error("failed", new IllegalStateException("because"));
        List<JsonNode> records = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            records.add(new ObjectMapper().readTree(line));
        }
        assertThat(records).hasSize(2);
        assertThat(records.getFirst().path("message").asText()).isEqualTo("line one\nwith \"quotes\" key=value");
        assertThat(records.get(0).path("line").asLong()).isEqualTo(1);
        assertThat(records.get(1).path("line").asLong()).isEqualTo(2);
        assertThat(records.get(1).path("exception").asText()).contains("IllegalStateException: because");
        assertThat(records.get(0).path("instance")).isEqualTo(records.get(1).path("instance"));
    }
}
