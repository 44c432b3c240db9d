package org.pgpod.logshipper.model;

import static org.pgpod.logshipper.model.EventMark.message;
import static org.pgpod.logshipper.model.EventMark.state;

import java.util.List;
import java.util.Locale;

/**
 * What Postgres logs, by what happened. A record belongs to the first event of this list that recognises it, events with
 * the record's SQLSTATE before those without one; a record of no event has none.
 */
@SuppressWarnings("ImmutableEnumChecker") // The lists cannot be changed once they are made.
public enum PostgresEvent {
    CONNECTION_RECEIVED(
            "A client connected; nothing is known of it but its address.", message("connection received: ")),
    CONNECTION_AUTHENTICATED("A client proved who it is.", message("connection authenticated: ")),
    CONNECTION_AUTHORIZED("A session began.", message("connection authorized: ")),
    REPLICATION_AUTHORIZED("A replication connection began.", message("replication connection authorized: ")),
    DISCONNECTION("A session ended; with its duration.", message("disconnection: session time: ")),
    HBA_REJECTED(
            "No line of `pg_hba.conf` lets the client in.",
            state("28000", "no pg_hba.conf entry"),
            state("28000", "pg_hba.conf rejects")),
    AUTHENTICATION_FAILED("A wrong password, certificate or role.", state("28P01"), state("28000")),
    DATABASE_MISSING("A client asked for a database that is not there.", state("3D000")),
    TOO_MANY_CONNECTIONS("`max_connections` or a limit of a role or database is reached.", state("53300")),
    SERVER_NOT_READY("A client came while the server starts, stops or recovers.", state("57P03")),
    CLIENT_LOST("A client went away without saying so.", state("08006"), state("08003"), state("08000")),
    PROTOCOL_VIOLATION("Something that does not speak the protocol connected.", state("08P01")),
    SESSION_TERMINATED("An administrator or a shutdown ended a session.", state("57P01")),
    IDLE_IN_TRANSACTION_TIMEOUT("A session idled in a transaction for too long.", state("25P03")),
    IDLE_SESSION_TIMEOUT("A session idled for too long.", state("57P05")),

    PLAN("A plan of `auto_explain`; JSON plans are in the column `plan`.", message("duration: ", " ms  plan:")),
    DURATION("A duration, mostly with its statement.", message("duration: ", " ms")),
    STATEMENT("A statement, of `log_statement`.", message("statement: "), message("execute ", ": ")),

    SYNTAX_ERROR("A statement that is not SQL.", state("42601")),
    UNDEFINED_TABLE("A table that is not there.", state("42P01")),
    UNDEFINED_COLUMN("A column that is not there.", state("42703")),
    UNDEFINED_FUNCTION("A function or operator that is not there.", state("42883")),
    DUPLICATE_OBJECT("What is to be made exists.", state("42P07"), state("42710"), state("42P06"), state("42P04")),
    PERMISSION_DENIED("The role may not do that.", state("42501")),
    UNIQUE_VIOLATION("The key exists.", state("23505")),
    FOREIGN_KEY_VIOLATION("The key that is pointed at is missing, or is still pointed at.", state("23503")),
    NOT_NULL_VIOLATION("A value is missing.", state("23502")),
    CHECK_VIOLATION("A value does not satisfy a check.", state("23514")),
    EXCLUSION_VIOLATION("A value excludes one that is there.", state("23P01")),
    INVALID_INPUT("A text that is not of the type.", state("22P02"), state("22007"), state("22008"), state("22023")),
    INVALID_ENCODING("Bytes that are not in the encoding.", state("22021"), state("22P05")),
    VALUE_OUT_OF_RANGE("A number that is too large.", state("22003")),
    VALUE_TOO_LONG("A text that is too long.", state("22001")),
    DIVISION_BY_ZERO("A division by zero.", state("22012")),
    INVALID_COPY("A line of COPY that does not fit the table.", state("22P04")),
    RAISED("An exception raised by PL/pgSQL.", state("P0001")),

    STATEMENT_TIMEOUT(
            "A statement ran for longer than `statement_timeout`.",
            state("57014", "canceling statement due to statement")),
    STATEMENT_CANCELED(
            "A client or an administrator canceled a statement.", state("57014", "canceling statement due to user")),
    AUTOVACUUM_CANCELED("An autovacuum gave way.", state("57014", "canceling autovacuum task")),
    LOCK_TIMEOUT("A lock was not granted in time.", state("55P03")),
    DEADLOCK("Sessions waited for each other; one was ended.", state("40P01")),
    DEADLOCK_WAIT(
            "The wait that was found to be a deadlock.", message("process ", " detected deadlock while waiting for ")),
    LOCK_WAIT(
            "A session waits for a lock for longer than `deadlock_timeout`.",
            message("process ", " still waiting for ")),
    LOCK_ACQUIRED("A lock was granted after such a wait.", message("process ", " acquired ")),
    RECOVERY_CONFLICT(
            "A query of a standby stood in the way of replay.",
            state("40001", "canceling statement due to conflict with recovery"),
            state("40001", "terminating connection due to conflict with recovery")),
    SERIALIZATION_FAILURE("A transaction that must be tried again.", state("40001")),
    TRANSACTION_ABORTED("A statement in a transaction that failed before.", state("25P02")),
    READ_ONLY_TRANSACTION("A write on a standby or in a read-only transaction.", state("25006")),

    TEMPORARY_FILE("A sort or hash that did not fit into memory.", message("temporary file: path ")),
    TEMPORARY_FILE_LIMIT("`temp_file_limit` is reached.", state("53400")),
    OUT_OF_MEMORY("Memory, or room for locks, is exhausted.", state("53200")),
    STATEMENT_TOO_COMPLEX("The stack or another limit of a statement is exhausted.", state("54001"), state("54000")),
    INTERNAL_ERROR("What Postgres did not expect.", state("XX000")),
    DATA_CORRUPTED("A page that cannot be right.", state("XX001"), state("XX002")),

    CHECKPOINT_STARTING("A checkpoint began.", message("checkpoint starting: ")),
    CHECKPOINT_COMPLETE("A checkpoint ended; with what it wrote.", message("checkpoint complete: ")),
    CHECKPOINTS_TOO_FREQUENT("`max_wal_size` is too small.", message("checkpoints are occurring too frequently")),
    RESTARTPOINT_STARTING("A standby's restartpoint began.", message("restartpoint starting: ")),
    RESTARTPOINT_COMPLETE("A standby's restartpoint ended.", message("restartpoint complete: ")),
    AUTOVACUUM(
            "A table was vacuumed; with what was removed.",
            message("automatic vacuum of table "),
            message("automatic aggressive vacuum ")),
    AUTOANALYZE("A table was analyzed.", message("automatic analyze of table ")),

    SERVER_STARTING("The server starts.", message("starting PostgreSQL ")),
    SERVER_READY("The server takes connections.", message("database system is ready to accept ")),
    SHUTDOWN_REQUESTED("The server was asked to stop.", message("received ", "shutdown request")),
    SERVER_SHUT_DOWN("The server has stopped.", message("database system is shut down")),
    CRASH_RECOVERY(
            "The server recovers from a crash.",
            message("database system was not properly shut down"),
            message("database system was interrupted")),
    BACKEND_CRASHED(
            "A process of the server was killed or crashed.",
            message("server process (PID ", ") was terminated by signal "),
            message("server process (PID ", ") exited with exit code ")),
    SERVER_REINITIALIZING(
            "The server begins anew after a crash.", message("all server processes terminated; reinitializing")),
    BACKGROUND_WORKER_EXITED("A background worker ended.", message("background worker ", ") exited with exit code ")),
    CONFIGURATION_RELOADED("The configuration was read again.", message("received SIGHUP, reloading ")),
    PARAMETER_CHANGED(
            "A parameter has another value since then.",
            message("parameter \"", "\" changed to "),
            message("parameter \"", "\" removed from configuration file")),
    RESTART_PENDING("A parameter counts after a restart only.", state("55P02")),
    CONFIGURATION_ERROR("The configuration has errors.", state("F0000")),

    ARCHIVING_FAILED(
            "A WAL file could not be archived.",
            message("archive command failed with "),
            message("archive command was terminated "),
            message("archiving write-ahead log file ", " failed")),
    REPLICATION_COMMAND("A replication client gave a command.", message("received replication command: ")),
    SLOT_INVALIDATED(
            "A replication slot lost the WAL that it needs.",
            message("invalidating slot "),
            message("invalidating obsolete replication slot ")),
    SYNCHRONOUS_STANDBY(
            "A standby became synchronous.",
            message("standby \"", "\" is now a synchronous standby "),
            message("standby \"", "\" is now a candidate ")),
    LOGICAL_DECODING(
            "Logical decoding began.",
            message("logical decoding found "),
            message("starting logical decoding for slot ")),
    STREAMING_STARTED("A standby receives WAL.", message("started streaming WAL from primary ")),
    CONSISTENT_STATE("A copy is consistent and may serve reads.", message("consistent recovery state reached ")),
    PROMOTION_REQUESTED("A standby is to become primary.", message("received promote request")),
    TIMELINE_SELECTED("A promoted standby began a timeline.", message("selected new timeline ID: ")),
    RECOVERY_COMPLETE("Recovery from WAL has ended.", message("archive recovery complete"));

    private static final List<PostgresEvent> ALL = List.of(values());

    private final String meaning;
    private final List<EventMark> marks;

    PostgresEvent(String meaning, EventMark... marks) {
        this.meaning = meaning;
        this.marks = List.of(marks);
    }

    /** All events in their order, without a copy. */
    public static List<PostgresEvent> all() {
        return ALL;
    }

    public String meaning() {
        return meaning;
    }

    public List<EventMark> marks() {
        return marks;
    }

    /** The name that the column {@code event}, labels and options carry. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
