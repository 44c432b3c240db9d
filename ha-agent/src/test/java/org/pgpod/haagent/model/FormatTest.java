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
                """;
        ControlData control = ControlData.parse(output).valid().orElseThrow();

        assertThat(control.timeline()).isEqualTo(new Timeline(3));
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
}
