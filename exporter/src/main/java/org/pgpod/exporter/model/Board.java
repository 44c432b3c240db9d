package org.pgpod.exporter.model;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** All that is known at one moment: of the server, and of each collector by its name. */
public record Board(ServerState server, Map<String, FamilyState> families) {
    public static final Board EMPTY = new Board(new ServerState.Untried(), Map.of());

    public Board {
        families = Map.copyOf(families);
    }

    public FamilyState family(Collector collector) {
        return families.getOrDefault(collector.name(), FamilyState.UNTRIED);
    }

    public Board with(Collector collector, UnaryOperator<FamilyState> change) {
        Map<String, FamilyState> changed = new HashMap<>(families);
        changed.put(collector.name(), change.apply(family(collector)));
        return new Board(server, changed);
    }

    public Board answering(Server now) {
        return new Board(new ServerState.Answering(now), families);
    }

    /** Nothing read before is shown any more: it would hide that the server is gone. */
    public Board unreachable(String reason) {
        Map<String, FamilyState> forgotten = new HashMap<>();
        families.forEach((name, state) -> forgotten.put(name, state.forgotten()));
        return new Board(new ServerState.Unreachable(reason), forgotten);
    }

    /** Knows nothing any more of collectors that have none of these names. */
    public Board keeping(Set<String> names) {
        Map<String, FamilyState> kept = new HashMap<>(families);
        kept.keySet().retainAll(names);
        return new Board(server, kept);
    }
}
