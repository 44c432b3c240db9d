package org.pgpod.haagent;

import java.util.Map;
import java.util.Optional;
import org.pgpod.core.postgres.Epoch;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.DataId;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.SystemId;
import org.pgpod.haagent.model.Tags;
import org.pgpod.haagent.model.TimelineHistory;

/** Members as they look when all is well. */
final class TestMembers {
    private TestMembers() {}

    static MemberStatus streaming(String pod) {
        return new MemberStatus(
                pod,
                "uid-of-" + pod,
                Optional.of(new DataId("0a1b2c3d")),
                Optional.of(new SystemId("7311111111111111111")),
                "127.0.1.1",
                5432,
                8008,
                "node-1",
                "zone-a",
                new Tags(Map.of("clonefrom", "true")),
                MemberStatus.State.STREAMING,
                MemberStatus.Role.STANDBY,
                new Epoch(3),
                Optional.of(new Timeline(2)),
                TimelineHistory.EMPTY,
                Lsn.parse("0/5000000"),
                Lsn.parse("0/5000000"),
                true,
                Optional.empty(),
                Optional.of(new Timeline(2)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "15.20",
                "0.1.0");
    }
}
