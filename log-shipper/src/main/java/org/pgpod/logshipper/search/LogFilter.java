package org.pgpod.logshipper.search;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.pgpod.logshipper.model.Table;

/**
 * Which records are wanted: those that fulfil everything that is said. What a table has no column for none of its records
 * fulfils.
 *
 * @param equal what columns must be equal to
 * @param since the earliest time, included
 * @param until the latest time, excluded
 * @param severity the least severity
 * @param state a SQLSTATE, or its class
 * @param text a text that is somewhere in the record, in upper or lower case
 */
public record LogFilter(
        Map<Property, String> equal,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<Severity> severity,
        Optional<String> state,
        Optional<String> text) {

    /** What is compared as a whole. */
    public enum Property {
        CLUSTER("cluster"),
        POD("pod"),
        ZONE("zone"),
        ROLE("role"),
        DATABASE("database_name"),
        USER("user_name"),
        APPLICATION("application_name"),
        SESSION("session_id"),
        SIDECAR("sidecar");

        private final String column;

        Property(String column) {
            this.column = column;
        }
    }

    private static final List<String> ROLES = List.of("primary", "standby", "none");
    private static final Pattern STATE = Pattern.compile("[0-9A-Z]{2}([0-9A-Z]{3})?");

    /** The least severity. */
    public enum Severity {
        WARNING("'WARNING', 'ERROR', 'FATAL', 'PANIC'", "'WARN', 'ERROR'"),
        ERROR("'ERROR', 'FATAL', 'PANIC'", "'ERROR'"),
        FATAL("'FATAL', 'PANIC'", ""),
        PANIC("'PANIC'", "");

        private final String ofPostgres;
        private final String ofSidecars;

        Severity(String ofPostgres, String ofSidecars) {
            this.ofPostgres = ofPostgres;
            this.ofSidecars = ofSidecars;
        }
    }

    /** Every record. */
    public static final LogFilter ALL = new LogFilter(
            Map.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Refuses what no record can fulfil. */
    public LogFilter {
        // In one order, so that the same filter is the same statement.
        equal = Collections.unmodifiableMap(new TreeMap<>(equal));
        state.filter(given -> !STATE.matcher(given).matches()).ifPresent(given -> {
            throw new IllegalArgumentException("the SQLSTATE is '" + given
                    + "'; it must have five digits or upper-case letters, or two for a class, as 23505 or 23");
        });
        String role = equal.getOrDefault(Property.ROLE, ROLES.getFirst());
        if (!ROLES.contains(role)) {
            throw new IllegalArgumentException("the role is '" + role + "'; it must be " + String.join(" or ", ROLES));
        }
        if (since.isPresent() && until.isPresent() && !since.get().isBefore(until.get())) {
            throw new IllegalArgumentException(
                    "nothing is since " + since.get() + " and until " + until.get() + ": the times must be in order");
        }
    }

    /** The same from a time on. */
    LogFilter since(Instant time) {
        return new LogFilter(equal, Optional.of(time), until, severity, state, text);
    }

    /** A condition in SQL, with its parameters in order; empty if no record of the table can fulfil it. */
    record Condition(String sql, List<Object> parameters) {}

    Optional<Condition> on(Table table) {
        Terms terms = new Terms(table.rowColumns());
        equal.forEach((property, value) -> terms.equal(property.column, property.column, value));
        since.ifPresent(time -> terms.add("log_time >= ?", time.atOffset(ZoneOffset.UTC)));
        until.ifPresent(time -> terms.add("log_time < ?", time.atOffset(ZoneOffset.UTC)));
        severity.ifPresent(least -> {
            if (table == Table.POSTGRES_LOG) {
                terms.add("error_severity IN (" + least.ofPostgres + ")");
            } else if (table == Table.SIDECAR_LOG && !least.ofSidecars.isEmpty()) {
                terms.add("level IN (" + least.ofSidecars + ")");
            } else {
                terms.never = true;
            }
        });
        state.ifPresent(
                given -> terms.equal("state_code", given.length() == 2 ? "left(state_code, 2)" : "state_code", given));
        text.ifPresent(given -> terms.contains(SearchedTable.of(table).texts(), given));
        return terms.never ? Optional.empty() : Optional.of(new Condition(terms.sql(), terms.parameters));
    }

    private static final class Terms {
        private final List<String> columns;
        private final List<String> terms = new ArrayList<>();
        private final List<Object> parameters = new ArrayList<>();
        private boolean never;

        Terms(List<String> columns) {
            this.columns = columns;
        }

        void add(String term, Object... values) {
            terms.add(term);
            parameters.addAll(List.of(values));
        }

        void equal(String column, String expression, String value) {
            never |= !columns.contains(column);
            add(expression + " = ?", value);
        }

        void contains(List<String> texts, String text) {
            String pattern =
                    "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
            List<String> alternatives =
                    texts.stream().map(column -> column + " ILIKE ?").toList();
            terms.add("(" + String.join(" OR ", alternatives) + ")");
            texts.forEach(column -> parameters.add(pattern));
        }

        String sql() {
            return terms.isEmpty() ? "true" : String.join(" AND ", terms);
        }
    }
}
