package org.pgpod.haagent.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;

/** The exact texts of the protocol, there and back. */
class FormatTest {
    private static final String RECORD = """
            {"v":1,"epoch":7,"phase":"primary","systemId":"7311001122334455667","data":"9c41e07a","timeline":3,\
            "history":[[5,1,"0/1000000"],[7,3,"0/5A00000"]],"lsn":"0/5A2B3C0","clean":false,"mode":"async",\
            "strict":false,"w":0,"voters":["demo-1/77aa01bc"],"prefer":null,"failed":[],"pause":false}""";
    private static final String MEMBER = """
            {"v":1,"pod":"demo-1","uid":"u-1","data":"77aa01bc","systemId":"7311","addr":"10.0.0.4","sql":5432,\
            "api":8008,"node":"n1","zone":"a","tags":{"failoverPriority":"2"},"state":"frozen","role":"standby",\
            "epoch":7,"timeline":3,"history":[[5,1,"0/1000000"]],"received":"0/5A2B3C0","replayed":"0/5A2B3C0",\
            "atEnd":true,"vote":{"rv":"81234","epoch":7,"timeline":3,"lsn":"0/5A2B3C0"},"checkpointTimeline":3,\
            "destroying":null,"reason":null,"progress":null,"libraries":"sha256:00","postgres":"15.20","agent":"0.1"}""";
    private static final String SUPERVISOR = "pgpod-supervisor=1 boot=b-1 instance=5f0c21aa at=86410010 pg=up"
            + " mode=primary pid=123 exit=0 fenced=0 job=- data=9c41e07a end\n";
    private static final String VOLUME =
            "pgpod-volume=1 data=9c41e07a systemId=7311 epoch=7 timeline=3 frozen=81234 destroying=- end\n";

    private static ClusterRecord record(String text) {
        return RecordFormat.parse(text).valid().orElseThrow();
    }

    @Test
    void theRecordIsReadFieldByField() {
        ClusterRecord record = record(RECORD);

        assertThat(record.epoch()).isEqualTo(new Epoch(7));
        assertThat(record.phase()).isEqualTo(ClusterRecord.Phase.PRIMARY);
        assertThat(record.history().last().orElseThrow().start()).isEqualTo(Lsn.parse("0/5A00000"));
        assertThat(record.voters()).containsExactly(new MemberName("demo-1", new DataId("77aa01bc")));
        assertThat(record.prefer()).isEmpty();
    }

    @Test
    void theRecordIsWrittenByteForByteAsItWasRead() {
        assertThat(RecordFormat.format(record(RECORD))).isEqualTo(RECORD);
    }

    @Test
    void aSynchronousRecordKeepsItsVotersAndW() {
        String sync = RECORD.replace("\"async\"", "\"sync\"").replace("\"w\":0", "\"w\":1");
        ClusterRecord changed = record(sync).change().epoch(new Epoch(8)).build();

        assertThat(changed.mode()).isEqualTo(ClusterRecord.Mode.SYNC);
        assertThat(changed.w()).isEqualTo(1);
        assertThat(RecordFormat.format(record(sync))).isEqualTo(sync);
    }

    @Test
    void aNewerVersionAModeOrAKeyOfTheFutureIsUnknownAndNotMalformed() {
        List<String> future = List.of(
                RECORD.replace("\"v\":1", "\"v\":2"),
                RECORD.replace("\"async\"", "\"majority\""),
                RECORD.replace("\"phase\":\"primary\"", "\"phase\":\"sleeping\""),
                RECORD.replace("\"pause\":false", "\"pause\":false,\"quorum\":3"));

        assertThat(future)
                .allSatisfy(text -> assertThat(RecordFormat.parse(text)).isInstanceOf(Parsed.Unknown.class));
    }

    @Test
    void whatIsNoRecordIsMalformedAndNeverThrows() {
        List<String> broken = List.of(
                "",
                "null",
                "[]",
                "{\"v\":1}",
                "{\"v\":\"1\"}",
                RECORD.substring(0, 90),
                RECORD + "}",
                RECORD.replace("\"epoch\":7", "\"epoch\":-7"),
                RECORD.replace("\"epoch\":7", "\"epoch\":7,\"epoch\":8"),
                RECORD.replace("0/5A2B3C0", "nowhere"),
                RECORD.replace("[5,1,", "[5,9,"),
                RECORD.replace("\"w\":0", "\"w\":9"),
                " ".repeat(70_000));

        assertThat(broken)
                .allSatisfy(
                        text -> assertThat(RecordFormat.parse(text)).as(text).isInstanceOf(Parsed.Malformed.class));
    }

    @Test
    void theMemberStatusGoesThereAndBack() {
        MemberStatus status = MemberFormat.parse(MEMBER).valid().orElseThrow();

        assertThat(status.vote()).contains(new Vote("81234", new Epoch(7), new Timeline(3), Lsn.parse("0/5A2B3C0")));
        assertThat(status.tags()).isEqualTo(new Tags(Map.of("failoverPriority", "2")));
        assertThat(status.name().orElseThrow().applicationName()).isEqualTo("demo-1_77aa01bc");
        assertThat(status.name().orElseThrow().slotName()).isEqualTo("demo_1_77aa01bc");
        assertThat(MemberFormat.format(status)).isEqualTo(MEMBER);
    }

    @Test
    void aMemberWithoutDataOrVoteGoesThereAndBack() {
        String empty = MEMBER.replace("\"data\":\"77aa01bc\"", "\"data\":null")
                .replace("\"systemId\":\"7311\"", "\"systemId\":null")
                .replaceAll("\"vote\":\\{[^}]*}", "\"vote\":null");
        MemberStatus status = MemberFormat.parse(empty).valid().orElseThrow();

        assertThat(status.name()).isEmpty();
        assertThat(MemberFormat.format(status)).isEqualTo(empty);
    }

    @Test
    void theSupervisorsStateGoesThereAndBack() {
        SupervisorState state = SupervisorState.parse(SUPERVISOR).valid().orElseThrow();

        assertThat(state.postgres()).isEqualTo(SupervisorState.Postgres.UP);
        assertThat(state.format()).isEqualTo(SUPERVISOR);
        assertThat(SupervisorState.parse(SUPERVISOR.replace("=1 boot", "=2 boot")))
                .isInstanceOf(Parsed.Unknown.class);
        assertThat(SupervisorState.parse(SUPERVISOR.substring(0, 60))).isInstanceOf(Parsed.Malformed.class);
        assertThat(SupervisorState.parse(SUPERVISOR.replace("pg=up", "pg=asleep")))
                .isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void aWaitingContainerStopIsSeenInTheJob() {
        SupervisorState state = SupervisorState.parse(SUPERVISOR.replace("job=-", "job=7-switchover"))
                .valid()
                .orElseThrow();

        assertThat(state.asksForSwitchover()).isTrue();
    }

    @Test
    void aMemberSaysMoreOnlyWhereThereIsSomethingToSay() {
        String more = MEMBER.substring(0, MEMBER.length() - 1) + ",\"storage\":\"full\",\"oldestWal\":\"0/1000000\"}";
        MemberStatus status = MemberFormat.parse(more).valid().orElseThrow();

        assertThat(status.storage()).contains(StorageTrouble.FULL);
        assertThat(status.oldestWal()).contains(Lsn.parse("0/1000000"));
        assertThat(MemberFormat.format(status)).isEqualTo(more);
        assertThat(MemberFormat.parse(more.replace("\"full\"", "\"on fire\""))).isInstanceOf(Parsed.Unknown.class);
    }

    @Test
    void theReportOfTheVolumesProbeGoesThereAndBack() {
        String line = "pgpod-storage=1 boot=b at=10 began=20 free=4096 total=8192 error=erofs end\n";
        StorageState state = StorageState.parse(line).valid().orElseThrow();

        assertThat(state.problem()).contains(StorageState.Problem.EROFS);
        assertThat(state.format()).isEqualTo(line);
        String well = line.replace("erofs", "-");
        assertThat(StorageState.parse(well).valid().orElseThrow().format()).isEqualTo(well);
        assertThat(StorageState.parse(line.replace("=1 boot", "=2 boot"))).isInstanceOf(Parsed.Unknown.class);
        assertThat(StorageState.parse(line.replace("erofs", "fire"))).isInstanceOf(Parsed.Malformed.class);
        assertThat(StorageState.parse(line.substring(0, 30))).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void theLastLineOfAToolSaysHowFarItIs() {
        String output =
                "waiting for checkpoint\n   10/2048 kB (0%), 0/1 tablespace\n 1024/2048 kB (50%), 0/1 tablespace\n";
        ToolProgress progress = ToolProgress.parse("clone", output).orElseThrow();

        assertThat(progress).isEqualTo(new ToolProgress("clone", 1_048_576, 2_097_152));
        assertThat(progress.summary()).isEqualTo("clone 50%");
        assertThat(new ToolProgress("clone", 1, 0).summary()).isEqualTo("clone");
        assertThat(ToolProgress.parse("rewind", "rewinding from last common checkpoint\n"))
                .isEmpty();
    }

    @Test
    void tagsThatMakeNoSenseAreNamed() {
        assertThat(Tags.problems(Map.of(
                        "nofailover",
                        "false",
                        "failoverPriority",
                        "2",
                        "nosync",
                        "true",
                        "replicatefrom",
                        "demo-1",
                        "ours",
                        "x")))
                .isEmpty();
        assertThat(Tags.problems(Map.of("nofailover", "yes", "failoverPriority", "-1", "replicatefrom", "De mo")))
                .containsExactly(
                        "haAgent.tags: failoverPriority is '-1'; it must be a whole number from 0 to 1000000",
                        "haAgent.tags: nofailover is 'yes'; it must be true or false",
                        "haAgent.tags: replicatefrom is 'De mo'; it must be the name of a pod");
        assertThat(Tags.problems(Map.of("nofailover", "true", "failoverPriority", "3")))
                .singleElement()
                .asString()
                .contains("contradicts");
    }

    @Test
    void theVolumesStateGoesThereAndBack() {
        VolumeState volume = VolumeState.parse(VOLUME).valid().orElseThrow();

        assertThat(volume.frozen()).contains("81234");
        assertThat(volume.destroying()).isEmpty();
        assertThat(volume.format()).isEqualTo(VOLUME);
        assertThat(VolumeState.parse(VolumeState.EMPTY.format()).valid()).contains(VolumeState.EMPTY);
    }

    @Test
    void aDirectoryThatIsStillBeingMadeIsNoData() {
        VolumeState making = VolumeState.parse(VOLUME.replace("systemId=7311", "systemId=-"))
                .valid()
                .orElseThrow();

        assertThat(making.hasData()).isFalse();
    }

    @Test
    void theControlFileIsReadFromTheToolsOutput() {
        String output = """
                pg_control version number:            1300
                Database system identifier:           7311001122334455667
                Database cluster state:               shut down in recovery
                Latest checkpoint location:           0/5A2B310
                Latest checkpoint's TimeLineID:       2
                Minimum recovery ending location:     0/5A2B3C0
                Min recovery ending loc's timeline:   3
                Start of timeline 2: 0/3000000
                Start of timeline 3: 0/5A00000
                """;
        ControlData control = ControlData.parse(output).valid().orElseThrow();

        assertThat(control.timeline()).isEqualTo(new Timeline(3));
        assertThat(control.timelineStart()).contains(Lsn.parse("0/5A00000"));
        assertThat(ControlData.parse(output.replace("0/5A00000", "-"))
                        .valid()
                        .orElseThrow()
                        .timelineStart())
                .isEmpty();
        assertThat(control.wasStandby()).isTrue();
        assertThat(ControlData.parse("pg_controldata: could not open file")).isInstanceOf(Parsed.Malformed.class);
        assertThat(ControlData.systemIdIn(output)).contains(new SystemId("7311001122334455667"));
    }

    @Test
    void theHolderOfALeaseIsAPodAndItsUid() {
        assertThat(Holder.parse("demo-0/uid")).contains(new Holder("demo-0", "uid"));
        assertThat(Holder.parse("")).isEqualTo(Optional.empty());
        assertThat(Holder.parse("demo-0")).isEmpty();
    }

    @Test
    void aDelayIsANumberWithAUnitWithinBounds() {
        assertThat(new Tags(Map.of("applyDelay", "90min")).applyDelay()).contains(java.time.Duration.ofMinutes(90));
        assertThat(new Tags(Map.of("applyDelay", "20d")).applyDelay()).contains(java.time.Duration.ofDays(20));
        for (String wrong : List.of("", "1", "0s", "21d", "9999999d", "-1h", "1 h", "1ms")) {
            assertThat(Tags.problems(Map.of("applyDelay", wrong)))
                    .containsExactly("haAgent.tags: applyDelay is '" + wrong
                            + "'; it must be a whole number with a unit (s, min, h, d), from 1s to 20d");
        }
    }

    @Test
    void tagsThatExcludeEachOtherAreRefused() {
        assertThat(Tags.problems(Map.of("nostream", "true", "replicatefrom", "demo-0", "clonefrom", "true")))
                .containsExactly(
                        "haAgent.tags: nostream=true contradicts replicatefrom=demo-0; leave one out",
                        "haAgent.tags: nostream=true contradicts clonefrom=true; leave one out");
        assertThat(Tags.problems(Map.of("clonefrom", "true", "applyDelay", "1h")))
                .hasSize(1);
        assertThat(Tags.problems(Map.of("nostream", "false", "clonefrom", "true", "replicatefrom", "demo-0")))
                .isEmpty();
    }
}
