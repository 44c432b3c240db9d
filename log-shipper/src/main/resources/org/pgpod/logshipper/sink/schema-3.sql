-- Columns that may be null: shippers of version 2 go on to write.
ALTER TABLE pgpod_logs.source ADD COLUMN zone text;
ALTER TABLE pgpod_logs.postgres_log ADD COLUMN zone text, ADD COLUMN role text, ADD COLUMN timeline bigint;
ALTER TABLE pgpod_logs.sidecar_log ADD COLUMN zone text, ADD COLUMN role text, ADD COLUMN timeline bigint;
ALTER TABLE pgpod_logs.postgres_stderr ADD COLUMN zone text, ADD COLUMN role text, ADD COLUMN timeline bigint;
ALTER TABLE pgpod_logs.dead_letter ADD COLUMN zone text;
COMMENT ON COLUMN pgpod_logs.postgres_log.role IS
    'What the server was at log_time, as its agent said: primary, standby or none; null when nobody said.';
COMMENT ON COLUMN pgpod_logs.postgres_log.timeline IS
    'The timeline of the server at log_time, as its agent said; null when nobody said.';

CREATE OR REPLACE VIEW pgpod_logs.failover_log AS
SELECT failover.promoted_at, failover.cluster, failover.namespace, failover.pod AS promoted_pod, failover.timeline,
    line.log_time, line.pod, line.origin, line.severity, line.message,
    line.zone, line.role, line.timeline AS line_timeline
FROM pgpod_logs.failovers failover
CROSS JOIN LATERAL (
    SELECT log.log_time, log.pod, 'postgres' AS origin, log.error_severity AS severity, log.message,
        log.zone, log.role, log.timeline
    FROM pgpod_logs.postgres_log log
    WHERE log.cluster = failover.cluster AND log.namespace = failover.namespace
        AND log.log_time BETWEEN failover.promoted_at - interval '1 minute' AND failover.promoted_at + interval '1 minute'
        AND coalesce(log.event, '') NOT IN ('statement', 'duration', 'plan', 'connection_received',
            'connection_authenticated', 'connection_authorized', 'disconnection')
    UNION ALL
    SELECT log.log_time, log.pod, coalesce(log.sidecar, 'sidecar'), log.level, log.message,
        log.zone, log.role, log.timeline
    FROM pgpod_logs.sidecar_log log
    WHERE log.cluster = failover.cluster AND log.namespace = failover.namespace
        AND log.log_time BETWEEN failover.promoted_at - interval '1 minute' AND failover.promoted_at + interval '1 minute'
    UNION ALL
    SELECT log.log_time, log.pod, 'stderr', NULL, log.line, log.zone, log.role, log.timeline
    FROM pgpod_logs.postgres_stderr log
    WHERE log.cluster = failover.cluster AND log.namespace = failover.namespace
        AND log.log_time BETWEEN failover.promoted_at - interval '1 minute' AND failover.promoted_at + interval '1 minute'
) line;
COMMENT ON VIEW pgpod_logs.failover_log IS
    'Each promotion with the lines of all members and sidecars of its cluster from a minute before to a minute after.';
