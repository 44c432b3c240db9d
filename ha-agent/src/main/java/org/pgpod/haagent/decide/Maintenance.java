package org.pgpod.haagent.decide;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.pgpod.haagent.model.ClusterRecord;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.Holder;
import org.pgpod.haagent.model.LeaseView;
import org.pgpod.haagent.model.MemberSighting;
import org.pgpod.haagent.model.MemberStatus;
import org.pgpod.haagent.model.SensitiveValues;
import org.pgpod.haagent.model.ServerReport;

/**
 * Whose turn it is to apply parameters that wait for a restart: standbys one by one in the order of their names, then the
 * primary, which hands over and comes back as a standby. Nobody's while a member is missing or does not stream.
 */
public final class Maintenance {
    /** Nobody's turn is judged by a list of members that is older. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    private Maintenance() {}

    /** What this member is to do. */
    public sealed interface Turn {
        /** Restart where it is. */
        record Restart() implements Turn {}

        /** As the primary: give the primary to {@code candidate} and so start anew as a standby. */
        record HandOver(String candidate) implements Turn {}
    }

    /** Empty when it is not this member's turn. {@code own} is what its server reports. */
    public static Optional<Turn> turn(Observation now, ServerReport own) {
        boolean calm = now.request().isEmpty()
                && now.inFlight().isEmpty()
                && now.members().since(now.nowMillis() - FRESH.toMillis()).isPresent();
        if (own.pending().isEmpty() || !calm) {
            return Optional.empty();
        }
        return switch (Standing.of(now, Memory.NONE)) {
            case Standing.Mine mine
            when isOpen(mine.record()) && others(now).stream().allMatch(other -> streams(now, other)) ->
                now.database().flatMap(database -> ofPrimary(now, mine, database, own));
            case Standing.Led led
            when isOpen(led.record()) && isWhole(now, led.view()) ->
                ofStandby(now, led.view()) ? Optional.of(new Turn.Restart()) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean isOpen(ClusterRecord record) {
        return record.phase() == ClusterRecord.Phase.PRIMARY && !record.pause();
    }

    private static List<MemberSighting> others(Observation now) {
        return now.members().known().orElse(List.of()).stream()
                .filter(member -> !isSelf(now, member))
                .toList();
    }

    private static boolean isSelf(Observation now, MemberSighting member) {
        return member.status().pod().equals(now.self().holder().pod());
    }

    private static boolean streams(Observation now, MemberSighting member) {
        return now.alive().contains(member)
                && member.status().state() == MemberStatus.State.STREAMING
                && member.status().destroying().isEmpty();
    }

    private static boolean isWhole(Observation now, LeaseView view) {
        Optional<String> holder = view.holder().map(Holder::pod);
        boolean own = now.database()
                .filter(facts -> facts.receiver() == DatabaseFacts.Receiver.STREAMING)
                .isPresent();
        return own
                && others(now).stream()
                        .allMatch(member ->
                                holder.filter(member.status().pod()::equals).isPresent()
                                        ? now.alive().contains(member)
                                                && member.status().role() == MemberStatus.Role.PRIMARY
                                        : streams(now, member));
    }

    private static boolean ofStandby(Observation now, LeaseView view) {
        Optional<String> holder = view.holder().map(Holder::pod);
        return others(now).stream()
                .map(MemberSighting::status)
                .filter(status -> holder.filter(status.pod()::equals).isEmpty())
                .filter(status -> !status.server().pending().isEmpty())
                .noneMatch(status -> status.pod().compareTo(now.self().holder().pod()) < 0);
    }

    /**
     * A parameter of hot standbys that is cut must be cut here first: a standby keeps to what its primary runs with, and so
     * would have it pending again as soon as it were the primary.
     */
    private static Optional<Turn> ofPrimary(
            Observation now, Standing.Mine mine, DatabaseFacts database, ServerReport own) {
        List<MemberSighting> others = others(now);
        if (others.stream().anyMatch(other -> !other.status().server().pending().isEmpty())) {
            return Optional.empty();
        }
        boolean cut = own.pending().entrySet().stream()
                .anyMatch(change -> SensitiveValues.NAMES.contains(change.getKey()) && isCut(change.getValue()));
        return cut || others.isEmpty()
                ? Optional.of(new Turn.Restart())
                : Preference.elsewhere(now, mine, database).map(Turn.HandOver::new);
    }

    private static boolean isCut(ServerReport.Change change) {
        return change.from().matches("[0-9]{1,9}")
                && (!change.to().matches("[0-9]{1,9}") || Long.parseLong(change.to()) < Long.parseLong(change.from()));
    }
}
