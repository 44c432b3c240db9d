package org.pgpod.haagent.decide;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.LeaseDraft;
import org.pgpod.haagent.model.LeaseTerm;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.RemotePrimary;
import org.pgpod.haagent.model.SupervisorRequest;
import org.pgpod.haagent.model.Upstream;
import org.pgpod.haagent.model.port.PodPort;

/** One thing to do, idempotent, carried out by the loop. What makes a server writable carries the proof of the right to. */
public sealed interface Action {
    /** Leave everything as it is. */
    record Nothing() implements Action {}

    /** End a primary that has no right to write: token first, then an immediate stop. The only action that supersedes. */
    record Fence() implements Action {}

    /** A write of the leader Lease; these are made in the lane that renews it. */
    sealed interface LeaseWrite extends Action {}

    /** Create the Lease of a cluster that does not exist yet. */
    record CreateLease(LeaseDraft draft) implements LeaseWrite {}

    /** Take the Lease over, if it still has the version that the votes name. */
    record TakeOver(LeaseDraft draft, String resourceVersion) implements LeaseWrite {}

    /** As the holder, replace the record. */
    record WriteRecord(ClusterRecord record) implements LeaseWrite {}

    /** As the holder whose Postgres has stopped, give the Lease away. */
    record Release(ClusterRecord record) implements LeaseWrite {}

    /** Make the first data directory beside the final place: by initdb, from a backup, or of what lies on the volume. */
    record Initdb(LeaseTerm term) implements Action {}

    /** Move the new data directory into place. */
    record Swap(LeaseTerm term) implements Action {}

    /** Start writable. */
    record StartPrimary(LeaseTerm term, PostgresSettings settings) implements Action {}

    /** Start as a standby. */
    record StartStandby(PostgresSettings settings) implements Action {}

    /** Promote onto the reserved timeline. */
    record Promote(LeaseTerm term, Timeline timeline) implements Action {}

    /** Write settings and have the running server load them. */
    record Configure(PostgresSettings settings) implements Action {}

    /** Stop Postgres. */
    record Stop(SupervisorRequest.Stop how) implements Action {}

    /** Note these on the volume, synced; {@code -} clears. */
    record MarkVolume(Map<String, String> notes) implements Action {
        public MarkVolume {
            notes = Map.copyOf(notes);
        }
    }

    /** Remove the copy that a clone replaced. */
    record Discard() implements Action {}

    /** Read the control file of a stopped server. */
    record ReadControl() implements Action {}

    /** Finish crash recovery of a stopped former primary, without archiving. */
    record Recover() implements Action {}

    /** Turn a diverged copy into one of the upstream's, keeping what is common. */
    record Rewind(Upstream upstream) implements Action {}

    /** Replace the copy by a new one of the upstream's, or by a command's; {@code self} is the present copy, if any. */
    record Clone(Optional<MemberName> self, Upstream upstream, List<String> command) implements Action {
        public Clone {
            command = List.copyOf(command);
        }
    }

    /** Make a copy of another cluster's server, or by a command; {@code self} is the present copy, if any. */
    record CloneRemote(Optional<MemberName> self, RemotePrimary remote, List<String> command) implements Action {
        public CloneRemote {
            command = List.copyOf(command);
        }
    }

    /** Run a checkpoint. */
    record Checkpoint() implements Action {}

    /** Create or refresh pgpod's roles. */
    record EnsureRoles() implements Action {}

    /** Make the roles and databases that a new cluster is to have, and run its SQL files, each once. */
    record Populate(LeaseTerm term) implements Action {}

    /** Make the slots that members lack. */
    record EnsureSlots(Set<String> slots) implements Action {
        public EnsureSlots {
            slots = Set.copyOf(slots);
        }
    }

    /** Forget a member whose pod is gone: delete its Lease, if that still has the version by which it was judged. */
    record RemoveMember(String pod, String resourceVersion) implements Action {}

    /** Label the pods by role. */
    record LabelPods(Map<String, PodPort.RoleLabel> roles) implements Action {
        public LabelPods {
            roles = Map.copyOf(roles);
        }
    }
}
