package org.pgpod.image.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates that cannot be injected are refused by field, value and what is allowed instead. */
class RefusalTest {
    private static final String PLAIN = """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata:
              name: db
            spec:
              template:
                spec:
                  containers:
                  - name: postgres
                    image: postgres:17
                    env:
                    - name: PGDATA
                      value: /data/pg
                    ports:
                    - containerPort: 5432
                      name: postgres
                    volumeMounts:
                    - name: disk
                      mountPath: /data
                  volumes:
                  - name: disk
                    persistentVolumeClaim: {claimName: disk}
            """;

    @Test
    void plainTemplateIsAccepted() {
        assertThat(Templates.reasons(PLAIN)).isEmpty();
    }

    @Test
    void noVolumeAbovePgdata() {
        assertThat(Templates.reasons(PLAIN.replace("mountPath: /data", "mountPath: /backup")))
                .containsExactly(
                        "StatefulSet/db spec.template.spec.containers[0].volumeMounts: no volume is mounted above"
                                + " PGDATA=/data/pg; mount one at a directory above it");
    }

    @Test
    void pgdataMustBeASubdirectoryOfItsVolume() {
        assertThat(Templates.reasons(PLAIN.replace("mountPath: /data", "mountPath: /data/pg/")))
                .singleElement()
                .asString()
                .startsWith(
                        "StatefulSet/db spec.template.spec.containers[0].volumeMounts[0].mountPath: /data/pg is PGDATA"
                                + " itself")
                .contains("/data/pg/data");
    }

    @Test
    void nothingIsMountedInsidePgdata() {
        String text =
                PLAIN.replace("volumeMounts:\n", "volumeMounts:\n        - {name: wal, mountPath: /data/pg/pg_wal}\n");
        assertThat(Templates.reasons(text)).singleElement().asString().contains("volumeMounts[0]", "inside PGDATA");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            value: /data/pg           | valueFrom: {configMapKeyRef: {name: c, key: k}} | env[PGDATA]: its value comes from elsewhere
            value: /data/pg           | value: $(ROOT)/pg                               | env[PGDATA]: its value comes from elsewhere
            mountPath: /data          | mountPath: /data\\n          readOnly: true     | volumeMounts[0].readOnly: Postgres writes
            name: disk\\n             | name: other\\n                                  | there is no volume and no claim template named other
            containerPort: 5432       | containerPort: 6432                             | ports[0].containerPort: 6432 must be 5432
            image: postgres:17        | image: postgres:latest                          | env[PGPOD_BINDIR]: is not set
            image: postgres:17        | image: registry.example.com/database:1          | securityContext.runAsUser: is not set
            name: db\\n               | name: my.db\\n                                  | metadata.name: "my.db" must be
            name: db\\n               | generateName: db-\\n                            | metadata.name: "" must be
            """)
    void oneFieldIsNamed(String from, String to, String expected) {
        String text = replaceFirst(PLAIN, unescape(from), unescape(to));
        assertThat(Templates.reasons(text))
                .anySatisfy(reason -> assertThat(reason).contains(expected));
    }

    private static String unescape(String text) {
        return text.replace("\\n", "\n");
    }

    private static String replaceFirst(String text, String from, String to) {
        int at = text.indexOf(from);
        assertThat(at).as(from).isNotNegative();
        return text.substring(0, at) + to + text.substring(at + from.length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            privileged: true                | privileged: true is not allowed
            allowPrivilegeEscalation: true  | allowPrivilegeEscalation: true is not allowed
            runAsUser: 0                    | runAsUser: 0 is root
            runAsUser: 10001                | runAsUser: 10001 is the user of the sidecars
            runAsNonRoot: false             | runAsNonRoot: false is not allowed
            capabilities: {add: [SYS_ADMIN]} | capabilities.add: SYS_ADMIN is not allowed
            seccompProfile: {type: Unconfined} | seccompProfile.type: Unconfined is not allowed
            """)
    void postgresContainerMustBeRestricted(String field, String expected) {
        String text = PLAIN.replace(
                "        image: postgres:17", "        image: postgres:17\n        securityContext: {" + field + "}");
        assertThat(Templates.reasons(text))
                .singleElement()
                .asString()
                .startsWith("StatefulSet/db spec.template.spec.containers[0].securityContext.")
                .contains(expected);
    }

    @ParameterizedTest
    @CsvSource({"hostNetwork", "hostPID", "hostIPC"})
    void namespacesOfTheNodeAreRefused(String field) {
        assertThat(Templates.reasons(
                        PLAIN.replace("      containers:", "      " + field + ": true\n      containers:")))
                .singleElement()
                .asString()
                .startsWith("StatefulSet/db spec.template.spec." + field + ": true is not allowed");
    }

    @Test
    void twoPostgresContainersAreNamed() {
        assertThat(Templates.reasons(withContainer("{name: standby, image: 'bitnami/postgresql:16'}")))
                .containsExactly(
                        "StatefulSet/db spec.template.spec.containers: standby, postgres all look like Postgres; name"
                                + " the one that is with the annotation pgpod.org/container");
    }

    @Test
    void annotationDecidesWhichContainerIsPostgres() {
        String text = withContainer("{name: standby, image: 'bitnami/postgresql:16'}")
                .replace("name: db\n", "name: db\n  annotations: {pgpod.org/container: postgres}\n");
        assertThat(Templates.reasons(text)).isEmpty();
        assertThat(Templates.reasons(text.replace("container: postgres", "container: pg")))
                .singleElement()
                .asString()
                .contains("names pg, which is not there; there are standby, postgres");
    }

    @Test
    void companionsAreNotTakenForPostgres() {
        for (String image : List.of(
                "quay.io/prometheuscommunity/postgres-exporter:v0.17",
                "edoburu/pgbouncer:1.24",
                "dpage/pgadmin4",
                "prodrigestivill/postgres-backup-local:17")) {
            assertThat(Templates.reasons(withContainer("{name: other, image: '" + image + "'}")))
                    .isEmpty();
        }
    }

    @Test
    void portOfASidecarIsTaken() {
        assertThat(Templates.reasons(
                        withContainer("{name: metrics, image: exporter:1, ports: [{containerPort: 9187}]}")))
                .containsExactly(
                        "StatefulSet/db spec.template.spec.containers[0].ports[0].containerPort: 9187 of container"
                                + " metrics is the port of exporter in this pod; use another port, or leave this container out");
    }

    @Test
    void nameOfASidecarIsTaken() {
        assertThat(Templates.reasons(withContainer("{name: exporter, image: 'x:1'}")))
                .singleElement()
                .asString()
                .contains("containers[0].name: exporter is the name of a sidecar");
        assertThat(Templates.reasons(
                        PLAIN.replace("volumes:\n", "volumes:\n      - {name: pgpod-run, emptyDir: {}}\n")))
                .singleElement()
                .asString()
                .contains("volumes[0].name: pgpod-run is the name of a volume");
        assertThat(Templates.reasons(PLAIN.replace(
                        "volumeMounts:\n", "volumeMounts:\n        - {name: disk, mountPath: /run/pgpod}\n")))
                .singleElement()
                .asString()
                .contains("volumeMounts[0].mountPath: /run/pgpod is where pgpod mounts");
    }

    @Test
    void deploymentHasNoStableMembers() {
        assertThat(Templates.reasons(PLAIN.replace("kind: StatefulSet", "kind: Deployment")))
                .singleElement()
                .asString()
                .startsWith("Deployment/db kind: Deployment gives its pods neither stable names")
                .contains("StatefulSet", "pgpod.org/inject");
        assertThat(Templates.reasons(PLAIN + "---\n"
                        + PLAIN.replace("kind: StatefulSet", "kind: Deployment")
                                .replace("name: db\n", "name: psql\n  annotations: {pgpod.org/inject: \"false\"}\n")))
                .isEmpty();
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        String text = PLAIN.replace("      containers:", "      hostNetwork: true\n      containers:")
                .replace("mountPath: /data", "mountPath: /backup")
                .replace("containerPort: 5432", "containerPort: 5433");
        assertThat(Templates.reasons(text + "---\n" + text.replace("name: db", "name: db2")))
                .hasSize(6);
    }

    @Test
    void aliasesAreRefusedInAnObjectThatIsRewritten() {
        String text = PLAIN.replace("name: disk\n          mountPath", "name: &volume disk\n          mountPath")
                .replace("- name: disk\n        persistent", "- name: *volume\n        persistent");
        assertThat(Templates.reasons(text))
                .anySatisfy(reason -> assertThat(reason).contains("StatefulSet/db document: YAML aliases"));
    }

    @Test
    void textWithoutPostgresIsRefused() {
        assertThat(Templates.reasons("apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"))
                .singleElement()
                .asString()
                .contains("no StatefulSet with a Postgres container");
    }

    private static String withContainer(String container) {
        return PLAIN.replace("containers:\n", "containers:\n      - " + container + "\n");
    }
}
