package org.pgpod.wireproxy.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgpod.core.postgres.NormalizedSql;

class NormalizedSqlTest {
    private static String normalized(String sql) {
        return SqlText.of(sql).normalized();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT  *\t FROM T1 where a=1 | select * from t1 where a=?",
                "select 'it''s', 1.5e-3, .5, 0x1F, 1_000 from t | select ?, ... from t",
                "select E'a', B'01', x'ff', U&'d', n'x' | select ?, ...",
                "select $1, $2::int, a$b from t2 | select $1, $2::int, a$b from t2",
                "do $$ begin secret; end $$ | do ?",
                "select $tag$ a $$ b $tag$, c | select ?, c",
                "select \"Name\" from \"Odd \"\"Table\" | select \"Name\" from \"Odd \"\"Table\"",
                "insert into t values (1, 'a'), (2, 'b'), (3, 'c') | insert into t values (?, ...), ...",
                "select a from t /* and /* nested */ secret */ where b | select a from t where b",
                "select a from t where b in (1,2,3) | select a from t where b in (?, ...)",
                "alter role bob password 'secret' valid until 'x' | alter role bob password ? valid until ?",
                "ALTER ROLE bob PASSWORD secret | alter role bob password ?",
                "create user bob password \"secret\" | create user bob password ?",
                "alter role bob password null | alter role bob password null",
                "select password from users | select password from users",
                "'secret' | ?",
            })
    void literalsNumbersAndCommentsAreRemoved(String sql, String expected) {
        assertThat(normalized(sql)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select E'it\\'s secret' , 'secret'",
                "select 'x\\' secret ', 'secret'",
                "select 'secret",
                "select \"secret",
                "select $$secret",
                "select $a$secret$b$",
                "select a /* secret",
                "select a -- secret",
                "alter role bob encrypted password 'secret'",
                "alter user bob with password E'secret'",
                "create role bob login password $$secret$$",
                "copy t from program 'secret'",
                "set my.key = 'secret'",
                "select '\u8868\\' , 'secret'"
            })
    void whereverALiteralMayEndTheSecretIsGone(String sql) {
        assertThat(normalized(sql)).doesNotContain("secret");
    }

    @Test
    void aCommentEndsWithItsLine() {
        assertThat(normalized("select a -- secret\n from t")).isEqualTo("select a from t");
    }

    @Test
    void noCutLetsASecretOut() {
        List<String> texts = List.of(
                "select 1, 'secret''secret', E'secret', $x$secret$x$, \"a\", U&'secret' /* secret */ -- secret\n",
                "alter role a password 'secret'; create user b password $$secret$$",
                "insert into t values ('secret', 'x''secret'), (E'a''secret', 'secret')");
        for (String text : texts) {
            for (int cut = 0; cut <= text.length(); cut++) {
                assertThat(normalized(text.substring(0, cut)))
                        .as("cut at %d", cut)
                        .doesNotContain("secre");
            }
        }
    }

    @Test
    void randomTextsAreNormalizedToTheSameWhateverTheirValues() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            String value = random.ints(random.nextInt(20), 32, 127)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString()
                    .replace("'", "''")
                    .replace("\\", "");
            assertThat(normalized("select a from t where b = '" + value + "' and c > " + random.nextInt(1_000_000)))
                    .as("seed %d", seed)
                    .isEqualTo("select a from t where b = ? and c > ?");
        }
    }

    @Test
    void theFingerprintIsThatOfTheTextWithoutValues() {
        String one = NormalizedSql.fingerprint(normalized("SELECT a FROM t WHERE b = 1 AND c IN ('x')"));
        assertThat(one)
                .hasSize(16)
                .isEqualTo(NormalizedSql.fingerprint(normalized("select a from t\nwhere b = 22 and c in ('y')")))
                .isNotEqualTo(NormalizedSql.fingerprint(normalized("select a from u where b = 1 and c in ('x')")));
    }

    @Test
    void listsOfAnyLengthAreFolded() {
        assertThat(NormalizedSql.of("select a in (" + "1, ".repeat(300_000) + "2)"))
                .isEqualTo("select a in (?, ...)");
        assertThat(NormalizedSql.of("insert into t values " + "(1, 'a'), ".repeat(100_000) + "(2, 'b')"))
                .isEqualTo("insert into t values (?, ...), ...");
    }

    @Test
    void aLongTextIsCut() {
        String sql = "select " + "a, ".repeat(3_000) + "'secret'";
        assertThat(normalized(sql)).endsWith(" ...").hasSizeLessThan(SqlText.HEAD_BYTES_MAX + 10);
    }

    @Test
    void onlyCommandsOfPostgresAreNamed() {
        assertThat(SqlCommand.of("select ?")).contains("SELECT");
        assertThat(SqlCommand.of("hunter2")).isEmpty();
        assertThat(SqlCommand.of("secret stuff")).isEmpty();
        assertThat(SqlCommand.of("")).isEmpty();
    }
}
