package org.pgpod.logshipper.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameCycleTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql-%a.log, P7D",
        "postgresql-%u_%H.log, P7D",
        "postgresql-%d.log, P28D",
        "postgresql-%m%d.log, P365D",
        "postgresql-%j.log, P365D",
        "postgresql-%H.log, PT24H",
        "postgresql-%H%M.log, PT24H",
        "postgresql-%I.log, PT12H",
        "postgresql-%I%p.log, PT24H",
        "postgres-%M.log, PT1H",
        "postgres-%S%%.log, PT1M",
    })
    void namesComeBack(String logFilename, Duration cycle) {
        assertThat(NameCycle.of(logFilename)).contains(cycle);
    }

    @ParameterizedTest
    @CsvSource({"postgresql-%Y-%m-%d_%H%M%S.log", "pg.%s", "%F.log", "postgresql.log", "100%%.log"})
    void namesDoNotComeBackOrAreNeverLeft(String logFilename) {
        assertThat(NameCycle.of(logFilename)).isEqualTo(Optional.empty());
    }

    @Test
    void whatIsNoFilenameIsRefused() {
        assertThatThrownBy(() -> NameCycle.of("a%q")).hasMessageContaining("%q");
        assertThatThrownBy(() -> NameCycle.of("a%")).hasMessageContaining("%");
        assertThatThrownBy(() -> NameCycle.of(" ")).hasMessageContaining("empty");
    }
}
