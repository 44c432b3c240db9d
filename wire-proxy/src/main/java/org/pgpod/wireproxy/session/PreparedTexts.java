package org.pgpod.wireproxy.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgpod.wireproxy.protocol.SqlText;

/** The texts of a session's prepared statements, and which of them its portals stand for, within the budget of texts. */
final class PreparedTexts {
    /** Portals with a name that are remembered; drivers use one or two. */
    private static final int PORTALS_MAX = 64;

    private final TextBudget budget;
    private final Map<String, SqlText> statements = new HashMap<>();
    private final Map<String, SqlText> portals = new HashMap<>();

    PreparedTexts(TextBudget budget) {
        this.budget = budget;
    }

    void parse(String statement, SqlText text) {
        close(statement);
        if (budget.take(text.bytes() + statement.length())) {
            statements.put(statement, text);
        }
    }

    void close(String statement) {
        SqlText closed = statements.remove(statement);
        if (closed != null) {
            budget.leave(closed.bytes() + statement.length());
        }
    }

    void bind(String portal, String statement) {
        SqlText text = statements.get(statement);
        if (text == null || (portals.size() >= PORTALS_MAX && !portals.containsKey(portal))) {
            portals.remove(portal);
        } else {
            portals.put(portal, text);
        }
    }

    @Nullable
    SqlText text(String portal) {
        return portals.get(portal);
    }

    /** Portals end with their transaction; call it when the client has sent nothing beyond that. */
    void forgetPortals() {
        portals.clear();
    }

    void clear() {
        statements.forEach((name, text) -> budget.leave(text.bytes() + name.length()));
        statements.clear();
        portals.clear();
    }
}
