package org.pgpod.core.pod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.postgres.Epoch;

class LeaseTokenTest {
    private static final String BOOT = "5309234f-f892-4360-8e47-69d0c087aa59";
    private static final String LINE = "pgpod-token=1 boot=" + BOOT
            + " seq=1842 pod=demo-0/27c1 data=9c41e07a epoch=7 role=primary phase=open until=86412380 stop=86413380 kill=86414180"
            + " leader=10.0.0.3:5432 hold=0 end\n";

    private static LeaseToken token(LeaseToken.Role role, long until) {
        return new LeaseToken(
                BOOT,
                1,
                "demo-0/27c1",
                "9c41e07a",
                new Epoch(7),
                role,
                LeaseToken.Phase.OPEN,
                until,
                until + 1_000,
                until + 1_800,
                "",
                0);
    }

    @Test
    void theDocumentedLineRoundTrips() {
        LeaseToken token = LeaseToken.parse(LINE).orElseThrow();
        assertThat(token.format()).isEqualTo(LINE);
        assertThat(token.epoch()).isEqualTo(new Epoch(7));
        assertThat(token.pod()).isEqualTo("demo-0/27c1");
        assertThat(token.leader()).isEqualTo("10.0.0.3:5432");
    }

    @Test
    void anyTornLineIsNoToken() {
        for (int length = 0; length < LINE.length() - 1; length++) {
            assertThat(LeaseToken.parse(LINE.substring(0, length)))
                    .as("first %d bytes", length)
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pgpod-token=1:pgpod-token=2",
                "role=primary:role=king",
                "phase=open:phase=ajar",
                "until=86412380:until=-1",
                "until=86412380:until=soon",
                "epoch=7:epoch=",
                "seq=1842:seq=1842 seq=1843",
                "data=9c41e07a :",
            })
    void anUnknownVersionOrValueIsNoToken(String change) {
        String[] parts = change.split(":", 2);
        assertThat(LINE).contains(parts[0]);
        assertThat(LeaseToken.parse(LINE.replace(parts[0], parts[1]))).isEmpty();
    }

    @Test
    void writersAreAdmittedOnlyBeforeUntil() {
        LeaseToken token = token(LeaseToken.Role.PRIMARY, 10_000);
        assertThat(token.admitsWritersAt(9_999, BOOT)).isTrue();
        assertThat(token.admitsWritersAt(10_000, BOOT)).isFalse();
        assertThat(token.isOfPrimary(10_000, BOOT)).isTrue();
    }

    @Test
    void aTokenOfAnotherBootAnotherRoleOrTheFarFutureAdmitsNobody() {
        assertThat(token(LeaseToken.Role.PRIMARY, 10_000).admitsWritersAt(1, "other boot"))
                .isFalse();
        assertThat(token(LeaseToken.Role.STANDBY, 10_000).admitsWritersAt(1, BOOT))
                .isFalse();
        assertThat(token(LeaseToken.Role.PRIMARY, 100_000).admitsWritersAt(1, BOOT))
                .isFalse();
    }

    @Test
    void proxyAnswerRoundTrips() {
        String line = "pgpod-proxy=1 boot=" + BOOT
                + " at=86412001 seq=1842 phase=hold sessions=12 inflight=0 parked=12 end\n";
        ProxyAnswer answer = ProxyAnswer.parse(line).orElseThrow();
        assertThat(answer.format()).isEqualTo(line);
        assertThat(answer.parked()).isEqualTo(12);
        assertThat(ProxyAnswer.parse(line.replace("sessions=12", "sessions=99999999999")))
                .isEmpty();
    }
}
