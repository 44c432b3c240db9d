package org.pgpod.logshipper.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StandingTest {
    private static final Fingerprint FINGERPRINT = Fingerprint.of(new byte[] {1}, new byte[] {2});

    private static FileState file(int number, long position) {
        return new FileState(number, LogStream.POSTGRES, "f", number, position, FINGERPRINT);
    }

    private final List<Advance> advances = List.of(new Advance(0, file(1, 10)), new Advance(5, file(2, 20)));

    @Test
    void positionsTellWhetherABatchWasCommitted() {
        assertThat(Standing.of(advances, List.of(file(2, 5), file(3, 7)))).isEqualTo(Standing.NOT_STORED);
        assertThat(Standing.of(advances, List.of(file(1, 10), file(2, 20)))).isEqualTo(Standing.STORED);
        assertThat(Standing.of(advances, List.of(file(1, 10), file(2, 5)))).isEqualTo(Standing.DIVERGED);
        assertThat(Standing.of(advances, List.of(file(2, 4)))).isEqualTo(Standing.DIVERGED);
        assertThat(Standing.of(advances, List.of())).isEqualTo(Standing.DIVERGED);
    }
}
