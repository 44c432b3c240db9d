package org.pgpod.logshipper.search;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.pgpod.logshipper.model.Table;

/**
 * Which records are wanted: those that fulfil everything that is said. What a table has no column for none of its records
 * fulfils.
 *
 * @param since the earliest time, included
 * @param until the latest time, excluded
 * @param state a SQLSTATE, or its class
 * @param text a text that is somewhere in the record, in upper or lower case
 */
public record LogFilter(
        Optional<String> cluster,
        Optional<String> pod,
        Optional<Instant> since,
        Optional<Instant> until,
        Optional<Severity> severity,
        Optional<String> state,
        Optional<String> database,
        Optional<String> user,
        Optional<String> application,
        Optional<String> session,
        Optional<String> sidecar,
        Optional<String> text) {

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
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    /** Refuses what no record can fulfil. */
    public LogFilter {
        state.filter(given -> !STATE.matcher(given).matches()).ifPresent(given -> {
            throw new IllegalArgumentException("the SQLSTATE is '" + given
                    + "'; it must have five digits or upper-case letters, or two for a class, as 23505 or 23");
        });
        if (since.isPresent() && until.isPresent() && !since.get().isBefore(until.get())) {
            throw new IllegalArgumentException(
                    "nothing is since " + since.get() + " and until " + until.get() + ": the times must be in order");
        }
    }

    /** The same from a time on. */
    LogFilter since(Instant time) {
        return new LogFilter(
                cluster,
                pod,
                Optional.of(time),
                until,
                severity,
                state,
                database,
                user,
                application,
                session,
                sidecar,
                text);
    }

    /** A condition in SQL, with its parameters in order; empty if no record of the table can fulfil it. */
    record Condition(String sql, List<Object> parameters) {}

    Optional<Condition> on(Table table) {
        Terms terms = new Terms(table.rowColumns());
        terms.equal("cluster", cluster);
        terms.equal("pod", pod);
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
        state.ifPresent(given -> terms.equal(
                "state_code", given.length() == 2 ? "left(state_code, 2)" : "state_code", Optional.of(given)));
        terms.equal("database_name", database);
        terms.equal("user_name", user);
        terms.equal("application_name", application);
        terms.equal("session_id", session);
        terms.equal("sidecar", sidecar);
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

        void equal(String column, Optional<String> value) {
            equal(column, column, value);
        }

        void equal(String column, String expression, Optional<String> value) {
            if (value.isPresent()) {
                never |= !columns.contains(column);
                add(expression + " = ?", value.get());
            }
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
