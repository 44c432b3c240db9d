package org.pgpod.wireproxy.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SourceRateTest {
    private static final long SECOND = 1_000_000_000L;
    private static final InetAddress ONE = InetAddress.ofLiteral("203.0.113.7");

    @Test
    void aShareIsWholeAgainAfterASecond() {
        SourceRate rate = new SourceRate(4);
        for (int second = 0; second < 3; second++) {
            long now = Long.MAX_VALUE - 2 * SECOND + second * SECOND;
            for (int i = 0; i < 4; i++) {
                assertThat(rate.admits(ONE, now)).isTrue();
            }
            assertThat(rate.admits(ONE, now)).isFalse();
            assertThat(rate.admits(ONE, now + SECOND / 4 - 1)).isFalse();
        }
    }

    @Test
    void aHostCannotEscapeIntoItsOwnNetwork() {
        SourceRate rate = new SourceRate(1);
        assertThat(rate.admits(InetAddress.ofLiteral("2001:db8::1"), 0)).isTrue();
        assertThat(rate.admits(InetAddress.ofLiteral("2001:db8::2"), 0)).isFalse();
        assertThat(rate.admits(InetAddress.ofLiteral("2001:db8:0:1::1"), 0)).isTrue();
    }

    @Test
    void noFloodOfSourcesTakesMoreMemory() {
        SourceRate rate = new SourceRate(1);
        int admitted = 0;
        for (int i = 0; i < 2 * SourceRate.SOURCES_MAX; i++) {
            byte[] address = {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i};
            admitted += rate.admits(
                            InetAddress.ofLiteral((address[0] & 0xff) + "." + (address[1] & 0xff) + "."
                                    + (address[2] & 0xff) + "." + (address[3] & 0xff)),
                            0)
                    ? 1
                    : 0;
        }
        assertThat(admitted).isEqualTo(SourceRate.SOURCES_MAX + 1);
        assertThat(rate.sources()).isEqualTo(SourceRate.SOURCES_MAX + 1);
        assertThat(rate.admits(ONE, 2 * SECOND)).isTrue();
        assertThat(rate.sources()).isEqualTo(1);
    }
}
