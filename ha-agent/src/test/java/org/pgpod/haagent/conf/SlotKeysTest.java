package org.pgpod.haagent.conf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.haagent.model.DynamicConfiguration;
import org.pgpod.haagent.model.PermanentSlot;
import org.pgpod.haagent.model.SlotMatcher;
import org.pgpod.haagent.model.SlotState;
import org.pgpod.haagent.model.SlotWishes;

class SlotKeysTest {
    private static DynamicConfiguration accepted(String text) {
        ConfigurationText.Outcome outcome = ConfigurationText.parse(text);
        assertThat(outcome.problems()).isEmpty();
        return outcome.configuration();
    }

    private static List<String> problems(String text) {
        return ConfigurationText.parse(text).problems();
    }

    @Test
    void patronisFormIsRead() {
        DynamicConfiguration read = accepted("""
                member_slots_ttl: 1h
                slots:
                  archive: {type: physical}
                  feed: {type: logical, database: app, plugin: pgoutput}
                  former:
                ignore_slots:
                  - {name: backup, type: physical}
                  - {type: logical, database: app, plugin: wal2json}
                """);
        assertThat(read.tunables().memberSlotsTtl()).contains(Duration.ofHours(1));
        assertThat(read.slots())
                .isEqualTo(new SlotWishes(
                        List.of(
                                new PermanentSlot.Physical("archive"),
                                new PermanentSlot.Logical("feed", "app", "pgoutput")),
                        List.of(
                                new SlotMatcher(
                                        Optional.of("backup"),
                                        Optional.of(SlotState.Kind.PHYSICAL),
                                        Optional.empty(),
                                        Optional.empty()),
                                new SlotMatcher(
                                        Optional.empty(),
                                        Optional.of(SlotState.Kind.LOGICAL),
                                        Optional.of("app"),
                                        Optional.of("wal2json")))));
        assertThat(accepted("slots:\nignore_slots:\n").slots()).isEqualTo(SlotWishes.NONE);
    }

    @Test
    void whatIsWrongIsNamedWithWhatIsAllowed() {
        assertThat(problems("slots: {Archive: {type: physical}}"))
                .containsExactly("slots: 'Archive' is not the name of a slot; it must be 1 to 63 of a-z, 0-9 and _");
        assertThat(problems("slots: {a: {type: other}}"))
                .containsExactly("slots.a.type is 'other'; it must be physical or logical");
        assertThat(problems("slots: {a: {type: physical, plugin: pgoutput}}"))
                .containsExactly("slots.a.plugin is 'pgoutput'; it must be left out, for a physical slot has none");
        assertThat(problems("slots: {a: {type: logical}}"))
                .containsExactly(
                        "slots.a.database is ''; it must be the name of a database",
                        "slots.a.plugin is ''; it must be the name of an output plugin such as pgoutput");
        assertThat(problems("slots: {a: {type: physical, cluster_type: primary}}"))
                .containsExactly("slots.a.cluster_type is unknown; allowed are database, plugin, type");
        assertThat(problems("slots: [a]")).containsExactly("slots must be names of slots and what each is, at most 64");
        assertThat(problems("ignore_slots: [{}]"))
                .containsExactly("ignore_slots[1] is empty and would match every slot; it must have some of"
                        + " database, name, plugin, type");
        assertThat(problems("ignore_slots: [{type: odd}]"))
                .containsExactly("ignore_slots[1].type is 'odd'; it must be physical or logical");
        assertThat(problems("member_slots_ttl: 0"))
                .singleElement()
                .asString()
                .startsWith("member_slots_ttl is '0'; it must be");
        assertThat(problems("postgresql: {parameters: {max_slot_wal_keep_size: -1}}"))
                .containsExactly(
                        "postgresql.parameters: max_slot_wal_keep_size is '-1'; it must be 0 or more, for a slot"
                                + " that nobody uses must not fill the volume");
        assertThat(problems("postgresql: {parameters: {synchronized_standby_slots: a}}"))
                .singleElement()
                .asString()
                .contains("is managed by ha-agent");
    }
}
