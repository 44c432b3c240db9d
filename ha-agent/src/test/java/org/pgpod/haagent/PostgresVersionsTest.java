package org.pgpod.haagent;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.pgpod.core.testing.OtherPostgres;

/** What the agent says to Postgres in SQL, on the oldest and the newest versions. */
class PostgresVersionsTest {
    private static OtherPostgres thirteen = new OtherPostgres(13);
    private static OtherPostgres seventeen = new OtherPostgres(17);
    private static OtherPostgres eighteen = new OtherPostgres(18);

    @BeforeAll
    static void unpack() {
        thirteen.unpack();
        seventeen.unpack();
        eighteen.unpack();
    }

    @AfterAll
    static void remove() {
        thirteen.close();
        seventeen.close();
        eighteen.close();
    }

    @Nested
    @Tag("long")
    class Thirteen extends LocalPostgresTest {
        @Override
        int version() {
            return 13;
        }

        @Override
        Path programs() {
            return thirteen.programs();
        }
    }

    @Nested
    @Tag("long")
    class Seventeen extends LocalPostgresTest {
        @Override
        int version() {
            return 17;
        }

        @Override
        Path programs() {
            return seventeen.programs();
        }
    }

    @Nested
    class Eighteen extends LocalPostgresTest {
        @Override
        int version() {
            return 18;
        }

        @Override
        Path programs() {
            return eighteen.programs();
        }
    }
}
