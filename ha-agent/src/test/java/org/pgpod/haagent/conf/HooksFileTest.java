package org.pgpod.haagent.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.Hook;

class HooksFileTest {
    private static final Duration BEFORE_STOP_MAX = Duration.ofSeconds(10);

    private static List<String> problems(String text) {
        return HooksFile.parse(text, BEFORE_STOP_MAX).problems();
    }

    @Test
    void everyKindOfHookIsRead() {
        HooksFile.Outcome outcome = HooksFile.parse("""
                primary:
                  - {name: grants, sql: /hooks/grants.sql, database: app, timeout: 5s}
                  - name: tell
                    http: {method: PUT, url: 'https://hooks.example.org/x', headers: {Authorization: /secret/token},
                           body: '{"pod":"${PGPOD_POD}"}', expect: [200, 409]}
                beforeStop:
                  - {name: leave, command: [/hooks/leave, now]}
                """, BEFORE_STOP_MAX);
        assertThat(outcome.problems()).isEmpty();
        assertThat(outcome.hooks())
                .containsOnlyKeys(Hook.Event.PRIMARY, Hook.Event.BEFORE_STOP)
                .containsEntry(
                        Hook.Event.PRIMARY,
                        List.of(
                                new Hook(
                                        "grants", new Hook.Work.Sql("/hooks/grants.sql", "app"), Duration.ofSeconds(5)),
                                new Hook(
                                        "tell",
                                        new Hook.Work.Http(
                                                "PUT",
                                                "https://hooks.example.org/x",
                                                Map.of("Authorization", "/secret/token"),
                                                Optional.of("{\"pod\":\"${PGPOD_POD}\"}"),
                                                Set.of(200, 409)),
                                        Duration.ofSeconds(30))))
                .containsEntry(
                        Hook.Event.BEFORE_STOP,
                        List.of(new Hook(
                                "leave",
                                new Hook.Work.Command(List.of("/hooks/leave", "now")),
                                Duration.ofSeconds(5))));
    }

    @Test
    void anEmptyFileHasNoHooks() {
        assertThat(HooksFile.parse("", BEFORE_STOP_MAX)).isEqualTo(new HooksFile.Outcome(Map.of(), List.of()));
    }

    @Test
    void mistakesNameTheFieldItsValueAndWhatIsAllowed() {
        assertThat(problems("promoted: []")).singleElement().asString().contains("unknown key 'promoted'", "primary");
        assertThat(problems("start: now")).containsExactly("start is 'now'; it must be a list of at most 32 hooks");
        assertThat(problems("start: [{name: a b, command: [/x]}]"))
                .singleElement()
                .asString()
                .startsWith("start[0].name is 'a b'; it must be");
        assertThat(problems("start: [{name: a, command: [x]}]"))
                .singleElement()
                .asString()
                .startsWith("start[0].command is");
        assertThat(problems("start: [{name: a}]"))
                .containsExactly("start[0] must have exactly one of sql, command and http; it has 0");
        assertThat(problems("start: [{name: a, sql: grants.sql}]"))
                .containsExactly(
                        "start[0].database is ''; it must be the name of a database",
                        "start[0].sql is 'grants.sql'; it must be an absolute path");
        assertThat(problems("start: [{name: a, command: [/x], timeout: 5}]"))
                .singleElement()
                .asString()
                .startsWith("start[0].timeout is '5'");
        assertThat(problems("start: [{name: a, http: {url: 'ftp://x/'}}]"))
                .singleElement()
                .asString()
                .startsWith("start[0].http.url is 'ftp://x/'");
        assertThat(problems("start: [{name: a, http: {url: 'http://x/', method: PUSH, expect: [2]}}]"))
                .hasSize(2);
        assertThat(problems("start: [{name: a, command: [/x], colour: red}]"))
                .singleElement()
                .asString()
                .contains("unknown key 'colour'");
        assertThat(problems("{")).singleElement().asString().startsWith("the hooks are neither YAML nor JSON");
    }

    @Test
    void whatAPromotionWaitsForIsBounded() {
        assertThat(
                        problems(
                                "beforePromote: [{name: a, command: [/x], timeout: 8s}, {name: b, command: [/x], timeout: 3s}]"))
                .containsExactly("the time-outs of beforePromote add up to 11000ms; at most 10s are allowed, for a"
                        + " promotion waits for them");
        assertThat(problems("beforePromote: [{name: a, command: [/x]}, {name: b, command: [/x]}]"))
                .as("5 s each, if it is not said otherwise")
                .isEmpty();
    }

    @Test
    void whatAStopWaitsForIsBounded() {
        assertThat(problems(
                        "beforeStop: [{name: a, command: [/x], timeout: 8s}, {name: b, command: [/x], timeout: 3s}]"))
                .singleElement()
                .asString()
                .contains("add up to 11000ms", "10s");
    }
}
