package org.pgpod.extensionloader.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackageNamesTest {
    @ParameterizedTest
    @CsvSource({
        "hypopg, postgresql-15-hypopg",
        "vector, postgresql-15-pgvector",
        "pg_cron, postgresql-15-cron",
        "pg_stat_kcache, postgresql-15-pg-stat-kcache",
        "pg_sphere, postgresql-15-pgsphere",
        "postgis, postgresql-15-postgis",
        "postgis_topology, postgresql-15-postgis",
        "pldbgapi, postgresql-15-pldebugger"
    })
    void thePackageIsAmongTheCandidates(String extension, String expected) {
        assertThat(new PackageNames(15, Map.of()).candidates(extension)).contains(expected);
    }

    @Test
    void anOverrideIsTheOnlyCandidate() {
        PackageNames names = new PackageNames(17, Map.of("mine", "company-pg{major}-mine"));
        assertThat(names.candidates("mine")).containsExactly("company-pg17-mine");
    }
}
