package org.pgpod.wireproxy.session;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one client has prepared, by its own names, wherever it is prepared at the moment. */
public final class ClientStatements {
    private static final Set<Pipeline.Origin> ASKED =
            Set.of(Pipeline.Origin.CLIENT, Pipeline.Origin.LOCAL, Pipeline.Origin.TRIAL);

    /** As many as one client may have. */
    public static final int NAMED_MAX = 10_000;

    private final Map<String, Statement> named = new HashMap<>();
    private @Nullable Statement unnamed;

    public @Nullable Statement named(String name) {
        return named.get(name);
    }

    public void put(String name, Statement statement) {
        named.put(name, statement);
    }

    public @Nullable Statement remove(String name) {
        return named.remove(name);
    }

    public boolean isFull() {
        return named.size() >= NAMED_MAX;
    }

    public @Nullable Statement unnamed() {
        return unnamed;
    }

    public void setUnnamed(@Nullable Statement statement) {
        unnamed = statement;
    }

    /** Postgres does not carry this message out. */
    public void dropped(Pipeline.Entry entry) {
        Statement statement = entry.statement();
        if (statement == null || entry.origin() == Pipeline.Origin.PROXY) {
            return;
        }
        if (entry.kind() == Pipeline.Kind.CLOSE) {
            named.putIfAbsent(entry.name(), statement);
        } else if (entry.name().isEmpty()) {
            unnamed = null;
        } else {
            named.remove(entry.name(), statement);
        }
    }

    /** All named statements are gone but those whose preparation is under way. */
    public void retain(Pipeline pipeline) {
        named.values().removeIf(statement -> !pipeline.contains(Pipeline.Kind.PARSE, ASKED, statement));
    }
}
