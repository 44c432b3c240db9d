package org.pgpod.image.ctl;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgpod.logshipper.search.LogFilter;
import org.pgpod.logshipper.search.LogTimes;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Which records of the log store are wanted. */
final class LogFilterOptions {
    @Option(names = "--cluster", paramLabel = "NAME", scope = ScopeType.INHERIT, description = "Only of this cluster.")
    private @Nullable String cluster;

    @Option(names = "--pod", paramLabel = "NAME", scope = ScopeType.INHERIT, description = "Only of this pod.")
    private @Nullable String pod;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            scope = ScopeType.INHERIT,
            description = "Only from then on: 15m, 2h or 3d ago, 2026-11-21, or 2026-11-21T10:00:00Z.")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", scope = ScopeType.INHERIT, description = "Only before then.")
    private @Nullable String until;

    @Option(
            names = "--severity",
            paramLabel = "LEAST",
            scope = ScopeType.INHERIT,
            description = "Only WARNING, ERROR, FATAL or PANIC and what is worse.")
    private @Nullable String severity;

    @Option(
            names = "--sqlstate",
            paramLabel = "STATE",
            scope = ScopeType.INHERIT,
            description = "Only this SQLSTATE, as 23505, or class of them, as 23.")
    private @Nullable String state;

    @Option(
            names = "--log-database",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Only of sessions in this database.")
    private @Nullable String database;

    @Option(
            names = "--log-user",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Only of sessions of this user.")
    private @Nullable String user;

    @Option(
            names = "--application",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "Only of sessions with this application_name.")
    private @Nullable String application;

    @Option(
            names = "--session",
            paramLabel = "ID",
            scope = ScopeType.INHERIT,
            description = "Only of the session with this id (session_id, %%c).")
    private @Nullable String session;

    @Option(names = "--sidecar", paramLabel = "NAME", scope = ScopeType.INHERIT, description = "Only of this sidecar.")
    private @Nullable String sidecar;

    @Option(
            names = {"-g", "--grep"},
            paramLabel = "TEXT",
            scope = ScopeType.INHERIT,
            description = "Only with this text, in upper or lower case.")
    private @Nullable String text;

    LogFilter filter(Instant now) {
        return new LogFilter(
                Optional.ofNullable(cluster),
                Optional.ofNullable(pod),
                Optional.ofNullable(since).map(time -> LogTimes.parse(time, now)),
                Optional.ofNullable(until).map(time -> LogTimes.parse(time, now)),
                Optional.ofNullable(severity).map(LogFilterOptions::least),
                Optional.ofNullable(state),
                Optional.ofNullable(database),
                Optional.ofNullable(user),
                Optional.ofNullable(application),
                Optional.ofNullable(session),
                Optional.ofNullable(sidecar),
                Optional.ofNullable(text));
    }

    private static LogFilter.Severity least(String text) {
        for (LogFilter.Severity severity : LogFilter.Severity.values()) {
            if (severity.name().equalsIgnoreCase(text)) {
                return severity;
            }
        }
        throw new IllegalArgumentException("--severity is '" + text + "'; it must be WARNING, ERROR, FATAL or PANIC");
    }
}
