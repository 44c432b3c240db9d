package org.pgpod.logshipper.know;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialsTest {
    private final Credentials credentials = new Credentials();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "host=h password=x user=u | host=h password=[redacted] user=u",
                "host=h PASSWORD = 'x \\' y' user=u | host=h PASSWORD = '[redacted]' user=u",
                "password='it''s x' a | password='[redacted]' a",
                "postgres://u:x@h:5/d | postgres://u:[redacted]@h:5/d",
                "https://u:p@x@h/ and more | https://u:[redacted]@h/ and more",
                "postgres://u@h/d?password=x | postgres://u@h/d?password=[redacted]",
                "{\"api_key\":\"x\",\"a\":1} | {\"api_key\":\"[redacted]\",\"a\":1}",
                "ldapbindpasswd=\"x y\" b | ldapbindpasswd=\"[redacted]\" b",
                "the client_secret: x | the client_secret: [redacted]",
                "Authorization: Bearer abcdefghij | Authorization: Bearer [redacted]",
                "SCRAM-SHA-256$4096:abc$def:ghi rest | [redacted] rest",
                "md5d41d8cd98f00b204e9800998ecf8427e | [redacted]",
                "-----BEGIN PRIVATE KEY-----\\nx | [redacted]",
                "set password to 'x' | set password to '[redacted]'",
                "alter role a password x; b | alter role a password [redacted] b",
                "update t set password = $1 where a = $2 | update t set password = $1 where a = $2",
                "alter role a password ? | alter role a password ?",
                "password authentication failed for user \"u\" | password authentication failed for user \"u\"",
                "column \"password\" of relation \"t\" | column \"password\" of relation \"t\"",
                "lease token renewed | lease token renewed",
            })
    void theValueGoesAndTheNameStays(String before, String after) {
        String expected = after.replace("\\n", "\n");
        String text = before.replace("\\n", "\n");
        assertThat(Credentials.scrub(text)).isEqualTo(expected);
        if (!text.equals(expected)) {
            assertThat(credentials.suspected(text)).isTrue();
        }
    }

    @Test
    void noCutLetsACredentialOut() {
        String text = "a password='se cret' b postgres://u:secret@h/ c";
        for (int cut = 0; cut <= text.length(); cut++) {
            String scrubbed = Credentials.scrub(text.substring(0, cut));
            assertThat(scrubbed).as("cut at %d", cut).doesNotContain("se cr");
        }
    }

    @Test
    void ordinaryTextIsNotSuspected() {
        assertThat(credentials.suspected("duration: 0.1 ms  statement: select a from t where b = 1"))
                .isFalse();
        assertThat(credentials.suspected("é漢😀")).isFalse();
    }
}
