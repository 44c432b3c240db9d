package org.pgpod.logshipper.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pgpod.core.testing.Await;
import org.pgpod.core.testing.PostgresServer;
import org.pgpod.logshipper.model.PostgresEvent;

/** Every event is seen on a real server and known by the shipper, and the views of the store show what happened. */
class EventsTest {
    @Test
    void everyEventIsSeenOnARealServer() throws Exception {
        try (PostgresServer sink = PostgresServer.start();
                Pod pod = new Pod(sink)) {
            int port = PostgresServer.freePort();
            try (LoggingServer source = new LoggingServer(pod.postgresLogs());
                    ServerEvents servers = new ServerEvents(source)) {
                new StatementEvents(source).provoke();
                new SessionEvents(source).provoke();
                servers.provoke();
                pod.start(port, Map.of());
                int records = pod.recordsInFiles().size();
                Await.until("all records", () -> pod.number("SELECT count(*) FROM pgpod_logs.postgres_log") >= records);
            }
            Set<String> all = PostgresEvent.all().stream()
                    .map(PostgresEvent::label)
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> seen = new TreeSet<>(
                    pod.texts("SELECT DISTINCT event FROM pgpod_logs.postgres_log WHERE event IS NOT NULL"));
            assertThat(seen).isEqualTo(all);
        }
    }
}
