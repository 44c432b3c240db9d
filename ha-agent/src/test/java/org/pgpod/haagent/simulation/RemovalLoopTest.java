package org.pgpod.haagent.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.Request;
import org.pgpod.haagent.model.RequestAnswer;

/** A member whose pod is gone is forgotten when somebody says so, and never one that may be needed. */
class RemovalLoopTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration MOMENT = Duration.ofSeconds(5);

    private final Cluster cluster = Cluster.started(Cluster.Plan.of(3), 1);
    private int asked;

    private Pod primary() {
        cluster.await("the cluster is whole", cluster::settled, SOON);
        return cluster.primary().orElseThrow();
    }

    private RequestAnswer remove(Pod primary, String pod) {
        String id = "remove-" + ++asked;
        primary.ask(new Request.Remove(id, pod));
        cluster.time.runFor(MOMENT);
        return primary.agent.requests().answerTo(id).orElseThrow();
    }

    private static String refusal(RequestAnswer answer) {
        return answer instanceof RequestAnswer.Refused(String why) ? why : answer.toString();
    }

    @Test
    void aMemberThatIsGoneIsForgottenAndMayComeBack() {
        Pod primary = primary();
        Pod gone = cluster.othersThan(primary).getFirst();
        gone.crash();
        cluster.time.runFor(Duration.ofSeconds(50));
        assertThat(refusal(remove(primary, gone.name))).contains("has shown life within the last 60 s");
        cluster.time.runFor(Duration.ofSeconds(20));

        assertThat(remove(primary, gone.name)).isEqualTo(new RequestAnswer.Done("the member is removed"));
        assertThat(cluster.api.member(gone.name)).isEmpty();
        assertThat(refusal(remove(primary, gone.name))).isEqualTo("there is no member " + gone.name);

        gone.comeBack();
        cluster.await("it is a member again", cluster::settled, SOON);
        assertThat(cluster.api.member(gone.name)).isPresent();
    }

    @Test
    void nobodyElseIsForgotten() {
        Pod primary = primary();
        Pod standby = cluster.othersThan(primary).getFirst();

        assertThat(refusal(remove(primary, primary.name))).contains("is the primary");
        assertThat(refusal(remove(primary, standby.name))).contains("has shown life");
        assertThat(refusal(remove(standby, primary.name))).isEqualTo("this member is not the primary");
        standby.trouble(ApiClient.Trouble.WRITES_REFUSED, Long.MAX_VALUE / 2);
        cluster.time.runFor(Duration.ofSeconds(75));
        assertThat(refusal(remove(primary, standby.name)))
                .as("silent, and alive")
                .contains("streams from this member");
    }

    @Test
    void thePodMustBeGone() {
        Pod primary = primary();
        Pod standby = cluster.othersThan(primary).getFirst();
        standby.killAgent();
        standby.killSupervisor();
        standby.supervisor.die();
        cluster.time.runFor(Duration.ofSeconds(75));

        assertThat(remove(primary, standby.name)).isInstanceOf(RequestAnswer.Failed.class);
        assertThat(cluster.api.member(standby.name)).isPresent();
    }

    @Test
    void aPauseKeepsNobodyFromIt() {
        Pod primary = primary();
        primary.ask(new Request.Pause("p", true));
        Pod gone = cluster.othersThan(primary).getFirst();
        gone.crash();
        cluster.time.runFor(Duration.ofSeconds(75));

        assertThat(cluster.record().pause()).isTrue();
        assertThat(remove(primary, gone.name)).isInstanceOf(RequestAnswer.Done.class);
        assertThat(Optional.of(cluster.api.members().size())).contains(2);
    }
}
