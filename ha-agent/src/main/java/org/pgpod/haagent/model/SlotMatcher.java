package org.pgpod.haagent.model;

import java.util.Optional;

/** Says which slots are none of the agent's business; what is empty matches every slot. */
public record SlotMatcher(
        Optional<String> name, Optional<SlotState.Kind> kind, Optional<String> database, Optional<String> plugin) {
    public boolean matches(SlotState slot) {
        return name.filter(wanted -> !wanted.equals(slot.name())).isEmpty()
                && kind.filter(wanted -> wanted != slot.kind()).isEmpty()
                && database.filter(wanted -> !wanted.equals(slot.database())).isEmpty()
                && plugin.filter(wanted -> !wanted.equals(slot.plugin())).isEmpty();
    }
}
