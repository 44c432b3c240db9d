package org.pgpod.wireproxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentMapTest {
    private static boolean admits(String map, String name, String role) {
        return IdentMap.parse(map, "cert").admits(List.of("unrelated", name), role);
    }

    @Test
    void aNameIsComparedAsItIsAndAnExpressionBySearch() {
        assertThat(admits("cert ann.x ann", "ann.x", "ann")).isTrue();
        assertThat(admits("cert ann.x ann", "annyx", "ann")).isFalse();
        assertThat(admits("cert /nn ann", "annyx", "ann")).isTrue();
        assertThat(admits("cert /^(.*)@a$ x_\\1", "bo@a", "x_bo")).isTrue();
        assertThat(admits("cert /^(.*)@a$ x_\\1", "bo@ab", "x_bo")).isFalse();
        assertThat(admits("cert /^(a)?b$ r\\1", "b", "r")).isTrue();
        assertThat(admits("other ann ann", "ann", "ann")).isFalse();
        assertThat(admits("  \t# nothing\n\ncert \"a \"\"b\"\"\" ann # as written", "a \"b\"", "ann"))
                .isTrue();
        assertThat(admits("cert /.* ann", "x".repeat(257), "ann"))
                .as("too long a name")
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "'cert ann',          line 1 has 2 words",
        "'x y z\n\ncert a b c', line 3 has 4 words",
        "'cert /( a',         line 1 has a regular expression that is none",
        "'cert /a \\1',      'line 1 uses \\1'",
        "'cert \"a b',        line 1 has a quote that does not end",
    })
    void aLineThatIsWrongIsNamed(String map, String message) {
        assertThatThrownBy(() -> IdentMap.parse(map.replace("\\n", "\n"), "cert"))
                .hasMessageContaining(message);
    }
}
