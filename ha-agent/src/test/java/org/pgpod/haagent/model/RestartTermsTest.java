package org.pgpod.haagent.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RestartTermsTest {
    private static Parsed<RestartTerms> parse(String json) throws JsonProcessingException {
        return RestartTerms.parse(new ObjectMapper().readTree(json));
    }

    private static Optional<String> unmet(String json, RestartTerms.Server server) throws JsonProcessingException {
        return parse(json).valid().orElseThrow().unmet(server);
    }

    private static RestartTerms.Server standby(boolean pending) {
        return new RestartTerms.Server(false, true, Optional.of("15.9 (Debian 15.9-1)"), pending);
    }

    @Test
    void everyTermIsLookedAt() throws Exception {
        assertThat(unmet("{}", standby(false))).isEmpty();
        assertThat(unmet("{\"role\":\"replica\",\"postgres_version\":\"15.10\"}", standby(false)))
                .isEmpty();
        assertThat(unmet("{\"role\":\"primary\"}", standby(false))).contains("this member is no primary");
        assertThat(unmet("{\"postgres_version\":\"15.9\"}", standby(false)))
                .contains("the server is not older than 15.9");
        assertThat(unmet("{\"restart_pending\":true}", standby(false))).contains("no restart is pending");
        assertThat(unmet("{\"restart_pending\":true}", standby(true))).isEmpty();
        assertThat(unmet(
                        "{\"postgres_version\":\"16\"}", new RestartTerms.Server(true, false, Optional.empty(), false)))
                .isPresent();
    }

    @Test
    void mistakesNameKeyValueAndWhatIsAllowed() throws Exception {
        assertThat(parse("{\"role\":\"king\"}"))
                .isEqualTo(new Parsed.Malformed<>("role is 'king'; it must be primary or replica"));
        assertThat(parse("{\"timeout\":-1}")).isInstanceOf(Parsed.Malformed.class);
        assertThat(parse("{\"postgres_version\":\"new\"}")).isInstanceOf(Parsed.Malformed.class);
        assertThat(parse("{\"restart_pending\":\"yes\"}")).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void aPlanIsReadAsItWasWritten() throws Exception {
        RestartTerms terms = parse(
                        "{\"role\":\"replica\",\"postgres_version\":\"15.10\",\"restart_pending\":true,\"timeout\":\"2min\"}")
                .valid()
                .orElseThrow();
        PlannedRestart plan = new PlannedRestart(java.time.Instant.parse("2030-01-01T00:00:00Z"), terms);
        assertThat(PlannedRestart.parse(plan.json().toString())).isEqualTo(new Parsed.Valid<>(plan));
        assertThat(PlannedRestart.parse("{\"schedule\":\"soon\"}")).isInstanceOf(Parsed.Malformed.class);
        assertThat(PlannedRestart.parse("nonsense")).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void versionsAreNumberedAsLibpqDoes() {
        assertThat(RestartTerms.versionNumber("15.20")).isEqualTo(150_020);
        assertThat(RestartTerms.versionNumber("18beta1")).isEqualTo(180_000);
        assertThat(RestartTerms.versionNumber("unknown")).isZero();
    }
}
