package org.pgpod.haagent.decide;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.pgpod.core.postgres.Lsn;
import org.pgpod.core.postgres.Timeline;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseSighting;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;

/**
 * Which slots the other members need on this one, and from where on they need the WAL.
 *
 * @param wanted slot to the oldest WAL that its member still lacks; empty where that is unknown
 * @param elsewhere those of them whose members would rather stream from another standby
 * @param gone slots of members that showed no life for the time to live, or that never stream, and which of the two
 * @param pods names of all known pods, in the form that slots have
 */
record MemberSlots(
        Map<String, Optional<Lsn>> wanted, Set<String> elsewhere, Map<String, String> gone, Set<String> pods) {
    private static final Pattern FORM = Pattern.compile("([a-z0-9_]+)_[0-9a-f]{8}");
    private static final Pattern ORDINAL = Pattern.compile("-[0-9]+$");

    static MemberSlots of(Observation now, Timeline timeline) {
        long since = now.nowMillis() - now.settings().memberSlotsTtl().toMillis();
        Map<String, Optional<Lsn>> wanted = new TreeMap<>();
        Set<String> elsewhere = new HashSet<>();
        Map<String, String> gone = new HashMap<>();
        Set<String> pods = new HashSet<>();
        Optional<String> holder = now.lease()
                .known()
                .flatMap(LeaseSighting::view)
                .flatMap(LeaseView::holder)
                .map(Holder::pod);
        for (MemberSighting member : now.members().known().orElse(List.of())) {
            MemberStatus status = member.status();
            pods.add(text(status.pod()));
            Optional<String> slot = status.name().map(MemberName::slotName);
            if (slot.isEmpty() || status.pod().equals(now.self().holder().pod())) {
                continue;
            }
            if (status.tags().excludesStreaming()) {
                gone.put(slot.get(), "its member never streams");
            } else if (member.aliveSince(since)) {
                boolean leads = holder.filter(status.pod()::equals).isPresent();
                wanted.put(slot.get(), leads ? Optional.empty() : lacks(status, timeline));
                if (status.tags().replicatesFrom().isPresent()) {
                    elsewhere.add(slot.get());
                }
            } else {
                gone.put(slot.get(), "its member is gone");
            }
        }
        return new MemberSlots(wanted, elsewhere, gone, pods);
    }

    /** A standby on our timeline streams on from where it is; any other copy, a former primary too, goes back to a checkpoint. */
    private static Optional<Lsn> lacks(MemberStatus status, Timeline timeline) {
        boolean follows = status.role() == MemberStatus.Role.STANDBY
                && status.timeline().equals(Optional.of(timeline))
                && !status.position().equals(Lsn.ZERO);
        return follows ? Optional.of(status.position()) : Optional.empty();
    }

    /** Whether {@code slot} is named as one of a pod of this cluster would be, whether or not that pod is still there. */
    boolean explains(String slot, String ownPod) {
        return podOf(slot)
                .filter(pod -> pods.contains(pod) || isSibling(pod, ownPod))
                .isPresent();
    }

    private static boolean isSibling(String pod, String ownPod) {
        String set = text(ORDINAL.matcher(ownPod).replaceFirst("")) + "_";
        return pod.startsWith(set) && pod.substring(set.length()).matches("[0-9]{1,6}");
    }

    /** The slot that the same pod has with its present data directory, if {@code slot} is of an earlier one. */
    Optional<String> successor(String slot) {
        Optional<String> pod = podOf(slot);
        return wanted.keySet().stream()
                .filter(other -> !other.equals(slot) && podOf(other).equals(pod))
                .findFirst();
    }

    /** Whether the pod that {@code slot} is named after is still a member. */
    boolean knowsPodOf(String slot) {
        return podOf(slot).filter(pods::contains).isPresent();
    }

    static boolean isOfPod(String slot, String pod) {
        return podOf(slot).equals(Optional.of(text(pod)));
    }

    private static Optional<String> podOf(String slot) {
        var matcher = FORM.matcher(slot);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static String text(String pod) {
        return pod.replace('-', '_');
    }
}
