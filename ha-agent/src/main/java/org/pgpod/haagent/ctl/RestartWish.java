package org.pgpod.haagent.ctl;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * On which conditions members are restarted.
 *
 * @param role {@code primary} or {@code replica}; empty for both
 * @param olderThan only servers of an earlier version than this
 * @param pending only where parameters wait for a restart
 * @param timeout how long to wait for each
 * @param scheduled when, as a time with its zone; empty for now
 */
public record RestartWish(
        Optional<String> role,
        Optional<String> olderThan,
        boolean pending,
        Optional<String> timeout,
        Optional<String> scheduled) {
    ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        role.ifPresent(text -> body.put("role", text));
        olderThan.ifPresent(text -> body.put("postgres_version", text));
        timeout.ifPresent(text -> body.put("timeout", text));
        scheduled.ifPresent(text -> body.put("schedule", text));
        if (pending) {
            body.put("restart_pending", true);
        }
        return body;
    }
}
