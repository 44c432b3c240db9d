package org.pgpod.haagent.decide;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.pgpod.haagent.model.DatabaseFacts;
import org.pgpod.haagent.model.MemberName;
import org.pgpod.haagent.model.PostgresSettings;
import org.pgpod.haagent.model.SlotWishes;

/** The parameters by which Postgres 17 and later has logical slots survive a failover; older versions know none of them. */
public final class FailoverSlots {
    /** A parameter that a server has exactly if it can copy slots. */
    public static final String KNOWN_BY = "sync_replication_slots";

    private FailoverSlots() {}

    /**
     * What goes beside {@code settings}. A primary gives consumers of logical slots nothing that a voter which streams
     * does not have yet (R20): a voter that is lost must be left out at once, for decoding waits for it.
     *
     * @param primary the pod of the primary, as far as is known
     */
    public static SortedMap<String, String> parameters(
            PostgresSettings settings,
            SlotWishes wishes,
            Optional<String> primary,
            Collection<MemberName> voters,
            List<DatabaseFacts.Sender> senders) {
        return switch (settings) {
            case PostgresSettings.Primary ignored ->
                new TreeMap<>(java.util.Map.of("synchronized_standby_slots", streaming(voters, senders)));
            // Postgres copies slots from a primary only.
            case PostgresSettings.Standby standby
            when wishes.hasLogical()
                    && primary.filter(standby.upstream().pod()::equals).isEmpty() ->
                new TreeMap<>(java.util.Map.of(KNOWN_BY, "off", "hot_standby_feedback", "on"));
            case PostgresSettings.Standby ignored
            when wishes.hasLogical() ->
                // Without feedback the primary could remove rows that a copied slot still needs.
                new TreeMap<>(java.util.Map.of(KNOWN_BY, "on", "hot_standby_feedback", "on"));
            case PostgresSettings.Standby ignored -> Collections.emptySortedMap();
            // For a moment only, until the copy streams.
            case PostgresSettings.Fetching ignored -> Collections.emptySortedMap();
            case PostgresSettings.Archived ignored -> Collections.emptySortedMap();
            case PostgresSettings.Recovering ignored -> Collections.emptySortedMap();
            case PostgresSettings.Detached ignored -> Collections.emptySortedMap();
            case PostgresSettings.Remote ignored -> Collections.emptySortedMap();
        };
    }

    private static String streaming(Collection<MemberName> voters, List<DatabaseFacts.Sender> senders) {
        return voters.stream()
                .map(MemberName::slotName)
                .filter(slot -> senders.stream()
                        .anyMatch(sender -> sender.state().equals("streaming")
                                && sender.slot().filter(slot::equals).isPresent()))
                .sorted()
                .collect(Collectors.joining(","));
    }
}
