package org.pgpod.haagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.testing.SteadyWriter;
import org.pgpod.haagent.testing.TestCluster;
import org.pgpod.haagent.testing.TestPod;

/** The agent of the primary goes away for a while, and Postgres goes on. */
class AgentRestartTest {
    // A term of ten seconds, so that a loaded machine has the time to start a JVM within it.
    private final TestCluster cluster = new TestCluster("normal");

    @BeforeEach
    void start() {
        cluster.start();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void anAgentThatIsRestartedInTimeTakesUpItsTerm() throws IOException, SQLException {
        TestPod primary = cluster.awaitWhole();
        long epoch = primary.get("/status").path("epoch").asLong();
        try (SteadyWriter writer = new SteadyWriter(cluster, primary)) {
            cluster.await("rows are written", () -> writer.count() > 100);
            primary.killAgent();
            primary.startAgent();
            cluster.await("the agent is back", primary::isPrimary);
            int before = writer.count();
            cluster.await("rows are written again", () -> writer.count() > before + 100);
            assertThat(writer.missingOn(primary)).isEmpty();
        }
        assertThat(cluster.awaitWhole().name()).isEqualTo(primary.name());
        assertThat(primary.get("/status").path("epoch").asLong()).isEqualTo(epoch);
    }
}
