package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** Reading and printing manifests: what is written is read back the same, by any reader. */
class ManifestTextTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1e3",
                "yes",
                "no",
                "on",
                "off",
                "y",
                "n",
                "true",
                "null",
                "~",
                "",
                "0440",
                "0o17",
                "0x1F",
                "1_000",
                "1.10",
                "+5",
                ".5",
                ".inf",
                "-.inf",
                "-1",
                "2024-01-01",
                "12:30:00",
                "=",
                "<<",
                "- a",
                "-",
                "--",
                "%a",
                "@x",
                "`x",
                "*x",
                "&x",
                "!x",
                "#x",
                "a #b",
                "a: b",
                "a:",
                "{a}",
                "[a]",
                " lead",
                "trail ",
                "x\ny\n",
                "x\n  y",
                "tab\tx",
                "512Mi",
                "100m",
                "10",
                "postgres:17@sha256:0a",
                "--config",
                "-c",
                "e3",
                "NaN",
                "é",
                "'",
                "\"",
                "a\\b",
                "line \nwith trailing space",
                "\n",
                "a,b",
                "key=value",
                "?",
                "? a",
                "|",
                ">",
                "---",
                "...",
                "0b1",
                "1m"
            })
    void stringStaysAString(String value) {
        ObjectNode object = JsonNodeFactory.instance.objectNode().put("a", value);
        String text = ManifestText.yaml(object);
        assertThat(Templates.objects(text)).containsExactly(object);
        Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
        assertThat(read).isEqualTo(Map.of("a", value));
    }

    @Test
    void untouchedTextIsKeptByteForByte() throws Exception {
        String text = "# first\r\n---\r\na: 1 # one\r\n---\n\n--- # marked\nb:   [ 2 ]\n...\n---\n\"c\":\n  --- 3";
        ManifestText manifests = ManifestText.parse("x", text);
        List<Optional<ObjectNode>> unchanged = manifests.documents().stream()
                .map(_ -> Optional.<ObjectNode>empty())
                .toList();
        assertThat(manifests.print(unchanged, List.of())).isEqualTo(text);
    }

    @Test
    void nullsAndOctalNumbersMeanWhatKubernetesReads() {
        assertThat(Templates.objects("a:\nb: ~\nc: ''\nd: 0440\ne: yes\n"))
                .extracting(ObjectNode::toString)
                .containsExactly("{\"a\":null,\"b\":null,\"c\":\"\",\"d\":288,\"e\":true}");
    }

    @Test
    void malformedTextIsRefusedWithItsLine() {
        assertThatThrownBy(() -> ManifestText.parse("db.yaml", "a: 1\n---\nb: 2\nb: 3\n"))
                .isInstanceOf(ManifestText.MalformedException.class)
                .hasMessage("db.yaml line 4: Duplicate field 'b'");
        assertThatThrownBy(() -> ManifestText.parse("db.yaml", "a: 1\n---\n- b\n"))
                .hasMessage("db.yaml line 2: a Kubernetes object must be a mapping");
        assertThatThrownBy(() -> ManifestText.parse("db.json", "{\"a\": 1} trailing"))
                .hasMessageStartingWith("db.json line 1: ");
    }

    @Test
    void deepNestingAndAliasBombsAreRefusedOrHarmless() {
        String deep = "{\"a\":".repeat(5000) + "1" + "}".repeat(5000);
        assertThatThrownBy(() -> ManifestText.parse("deep", deep)).isInstanceOf(ManifestText.MalformedException.class);
        String bomb = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n";
        assertThat(Templates.parse(bomb).documents()).singleElement().matches(ManifestText.Document::hasAliases);
    }
}
