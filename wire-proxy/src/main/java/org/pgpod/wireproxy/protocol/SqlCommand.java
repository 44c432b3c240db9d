package org.pgpod.wireproxy.protocol;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The name of the command that a text begins with. Only Postgres's own commands have one: any other word may be a secret. */
public final class SqlCommand {
    private static final Set<String> NAMES = Set.of(
            "abort",
            "alter",
            "analyze",
            "begin",
            "call",
            "checkpoint",
            "close",
            "cluster",
            "comment",
            "commit",
            "copy",
            "create",
            "deallocate",
            "declare",
            "delete",
            "discard",
            "do",
            "drop",
            "end",
            "execute",
            "explain",
            "fetch",
            "grant",
            "import",
            "insert",
            "listen",
            "load",
            "lock",
            "merge",
            "move",
            "notify",
            "prepare",
            "reassign",
            "refresh",
            "reindex",
            "release",
            "reset",
            "revoke",
            "rollback",
            "savepoint",
            "security",
            "select",
            "set",
            "show",
            "start",
            "table",
            "truncate",
            "unlisten",
            "update",
            "vacuum",
            "values",
            "with");

    private SqlCommand() {}

    /** In upper case; empty when the normalized text begins with no command. */
    public static Optional<String> of(String normalized) {
        int end = 0;
        while (end < normalized.length() && Character.isLetter(normalized.charAt(end))) {
            end++;
        }
        String word = normalized.substring(0, end);
        return NAMES.contains(word) ? Optional.of(word.toUpperCase(Locale.ROOT)) : Optional.empty();
    }
}
