package org.pgpod.extensionloader.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class StanzaTest {
    @Test
    void paragraphsFieldsCommentsAndContinuationsAreRead() {
        List<Stanza> stanzas = Stanza.parseAll("""
                # a comment
                Types: deb
                uris:  a  b
                Signed-By:
                 line one
                 .
                 line two

                # only a comment


                Types: deb-src
                """);
        assertThat(stanzas).hasSize(2);
        assertThat(stanzas.getFirst().field("TYPES")).contains("deb");
        assertThat(stanzas.getFirst().words("URIs")).containsExactly("a", "b");
        assertThat(stanzas.getFirst().required("Signed-By")).isEqualTo("\nline one\n.\nline two");
        assertThat(stanzas.getFirst().words("Missing")).isEmpty();
    }

    @Test
    void brokenParagraphsAreRefused() {
        for (String broken : List.of(" continuation first\n", "no colon\n", "A: 1\na: 2\n", ": empty\n")) {
            assertThatThrownBy(() -> Stanza.parseAll(broken)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
