package org.pgpod.extensionloader.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DebianVersionTest {
    @Test
    void versionsFollowTheOrderOfDebianPolicy() {
        // Every version is earlier than each that follows; the tilde rows are the example of Policy §5.6.12.
        List<DebianVersion> rising = List.of(
                        "0~~",
                        "0~~a",
                        "0~",
                        "0",
                        "0a",
                        "0+",
                        "0.1~rc1-1",
                        "0.1-0.1",
                        "0.1-1",
                        "0.1-1+b1",
                        "0.1-1+deb12u1",
                        "0.1-2",
                        "0.2",
                        "0.9",
                        "0.10",
                        "1.0~beta1~svc1245",
                        "1.0~beta1",
                        "1.0",
                        "1.0-0+b1",
                        "1.0-1",
                        "1.0-1.1",
                        "1.0a",
                        "1.0+dfsg-1",
                        "1.0.1",
                        "1.2a+~",
                        "1.2a++",
                        "15.18-0+deb12u1",
                        "15.20-0+deb12u1",
                        "20060611",
                        "99999999999999999999999",
                        "100000000000000000000000",
                        "1:0.1",
                        "1:1.2-3",
                        "2:0~")
                .stream()
                .map(DebianVersion::parse)
                .toList();
        for (int i = 0; i < rising.size(); i++) {
            for (int j = 0; j < rising.size(); j++) {
                assertThat(Integer.signum(rising.get(i).compareTo(rising.get(j))))
                        .as("%s against %s", rising.get(i), rising.get(j))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1.0, 0:1.0", "1.0, 1.0-0", "1.0, 1.00", "1.01, 1.1", "2-1, 2-01", "1.0-, 1.0"})
    void differentWritingsOfOneVersionAreEqual(String left, String right) {
        assertThat(DebianVersion.parse(left)).isEqualTo(DebianVersion.parse(right));
        assertThat(DebianVersion.parse(left)).hasSameHashCodeAs(DebianVersion.parse(right));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":1", "a:1", "1 2", "1_2", "1/2", "-1", "1-2_3"})
    void whatIsNoVersionIsRefused(String text) {
        assertThatThrownBy(() -> DebianVersion.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRequestMeansTheUpstreamVersionOrALeadingPart() {
        DebianVersion postgis = DebianVersion.parse("3.3.2+dfsg-1+b1");
        assertThat(List.of("3", "3.3", "3.3.2", "3.3.2+dfsg", "3.3.2+dfsg-1+b1"))
                .allMatch(postgis::satisfiesRequest);
        assertThat(List.of("3.", "3.3.20", "3.4", "2", "1+b1", "")).noneMatch(postgis::satisfiesRequest);
    }
}
