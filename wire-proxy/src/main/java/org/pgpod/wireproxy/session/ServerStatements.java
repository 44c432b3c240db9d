package org.pgpod.wireproxy.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is prepared at one server connection, by the proxy's names, the statement used longest ago first. */
public final class ServerStatements {
    /** Something is prepared without a name, and it is unknown what. */
    public static final Statement UNKNOWN = new Statement(new byte[] {});

    private static final Set<Pipeline.Origin> PREPARING = Set.of(Pipeline.Origin.CLIENT, Pipeline.Origin.PROXY);

    private final int most;
    private final LinkedHashMap<Statement, String> names = new LinkedHashMap<>(16, 0.75f, true);
    private @Nullable Statement unnamed;

    /** For so many named statements. */
    public ServerStatements(int most) {
        this.most = most;
    }

    /** The statement's name, if it is prepared here; it counts as used. */
    public @Nullable String use(Statement statement) {
        return names.get(statement);
    }

    /** It is or will be prepared; returns its name. */
    public String add(Statement statement) {
        String name = statement.nameAtServer();
        names.put(statement, name);
        return name;
    }

    public void remove(Statement statement) {
        names.remove(statement);
    }

    /** The statement that has to go before another one can come, which is then forgotten; empty while there is room. */
    public Optional<Map.Entry<Statement, String>> makeRoom() {
        if (names.size() < most) {
            return Optional.empty();
        }
        return Optional.ofNullable(names.pollFirstEntry());
    }

    /** What is prepared without a name; null if nothing is. */
    public @Nullable Statement unnamed() {
        return unnamed;
    }

    public void setUnnamed(@Nullable Statement statement) {
        unnamed = statement;
    }

    /** All named statements are gone but those whose preparation is under way. */
    public void retain(Pipeline pipeline) {
        names.keySet().removeIf(statement -> !pipeline.contains(Pipeline.Kind.PARSE, PREPARING, statement));
    }

    /** Nothing is prepared any more. */
    public void clear() {
        names.clear();
        unnamed = null;
    }

    public int size() {
        return names.size();
    }

    /** Postgres does not carry this out, because of an error before it. */
    public void dropped(Pipeline.Entry entry) {
        if (entry.kind() == Pipeline.Kind.QUERY || (entry.kind() == Pipeline.Kind.CLOSE && entry.statement() == null)) {
            setUnnamed(UNKNOWN);
        }
        if (entry.statement() != null && PREPARING.contains(entry.origin())) {
            if (entry.kind() == Pipeline.Kind.CLOSE) {
                add(entry.statement());
            } else if (entry.name().isEmpty()) {
                setUnnamed(UNKNOWN);
            } else {
                remove(entry.statement());
            }
        }
    }
}
