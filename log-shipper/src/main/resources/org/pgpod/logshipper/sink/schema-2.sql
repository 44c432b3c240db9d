ALTER TABLE pgpod_logs.schema_version ADD COLUMN writable_from integer;
UPDATE pgpod_logs.schema_version SET writable_from = 2;
COMMENT ON COLUMN pgpod_logs.schema_version.writable_from IS
    'The oldest version of shippers that may write to this schema, from version 2 on.';

ALTER TABLE pgpod_logs.postgres_log
    ADD COLUMN event text,
    ADD COLUMN duration_micros bigint,
    ADD COLUMN fingerprint text,
    ADD COLUMN plan jsonb;
COMMENT ON COLUMN pgpod_logs.postgres_log.event IS 'What happened; null for records of no known event.';
COMMENT ON COLUMN pgpod_logs.postgres_log.fingerprint IS
    'The same for all statements that differ in literals only, and in the slow log of wire-proxy.';

-- ONLY: partitions that exist have no events, and need no index of them; those made from now on get it.
CREATE INDEX postgres_log_events ON ONLY pgpod_logs.postgres_log (event, log_time)
    WHERE event <> 'statement' AND event <> 'duration' AND event <> 'plan' AND event <> 'connection_received'
        AND event <> 'connection_authenticated' AND event <> 'connection_authorized' AND event <> 'disconnection';

ALTER TABLE pgpod_logs.dead_letter ADD COLUMN raw_sha256 text, ALTER COLUMN raw DROP NOT NULL;
COMMENT ON COLUMN pgpod_logs.dead_letter.raw_sha256 IS 'SHA-256 of the record, whose bytes are kept only if the policy says so.';

CREATE VIEW pgpod_logs.errors_by_state AS
SELECT (log_time AT TIME ZONE 'UTC')::date AS day, cluster, namespace, database_name, state_code, event, error_severity,
    count(*) AS records, min(log_time) AS first_at, max(log_time) AS last_at,
    (array_agg(message ORDER BY log_time DESC))[1] AS last_message
FROM pgpod_logs.postgres_log
WHERE error_severity IN ('ERROR', 'FATAL', 'PANIC')
GROUP BY 1, 2, 3, 4, 5, 6, 7;

CREATE VIEW pgpod_logs.slow_statements AS
SELECT (log_time AT TIME ZONE 'UTC')::date AS day, cluster, namespace, database_name, fingerprint,
    count(*) AS calls, sum(duration_micros) / 1000.0 AS total_ms, avg(duration_micros) / 1000.0 AS mean_ms,
    max(duration_micros) / 1000.0 AS max_ms, max(log_time) AS last_at,
    (array_agg(substring(message FROM '^duration: [0-9.]+ ms  [^:]*: (.*)$') ORDER BY duration_micros DESC))[1] AS statement
FROM pgpod_logs.postgres_log
WHERE event = 'duration' AND fingerprint IS NOT NULL
    AND message ~ '^duration: [0-9.]+ ms  (statement|execute|fastpath)'
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW pgpod_logs.slow_statements IS
    'What log_min_duration_statement logs, by fingerprint. Parsing and binding are not counted.';

CREATE VIEW pgpod_logs.lock_waits AS
SELECT log_time, cluster, namespace, pod, database_name, user_name, application_name, session_id, pid, event,
    substring(message FROM ' (?:for|acquired) ([A-Za-z]+) on ') AS lock_mode,
    substring(message FROM ' (?:for|acquired) [A-Za-z]+ on (.*) after [0-9.]+ ms') AS lock_target,
    substring(message FROM ' after ([0-9.]+) ms')::numeric AS waited_ms,
    substring(detail FROM 'holding the lock: ([0-9, ]+)') AS holder_pids,
    fingerprint, statement
FROM pgpod_logs.postgres_log
WHERE event IN ('lock_wait', 'lock_acquired', 'lock_timeout', 'deadlock_wait');

CREATE VIEW pgpod_logs.deadlocks AS
SELECT log_time, cluster, namespace, pod, database_name, user_name, application_name, session_id, pid, detail, context,
    fingerprint, statement
FROM pgpod_logs.postgres_log
WHERE event = 'deadlock';

CREATE VIEW pgpod_logs.checkpoints AS
SELECT log_time, cluster, namespace, pod, event,
    substring(message FROM 'wrote ([0-9]+) buffers')::bigint AS buffers_written,
    substring(message FROM '([0-9]+) WAL file\(s\) added')::integer AS wal_files_added,
    substring(message FROM '([0-9]+) removed')::integer AS wal_files_removed,
    substring(message FROM '([0-9]+) recycled')::integer AS wal_files_recycled,
    substring(message FROM 'write=([0-9.]+) s')::numeric AS write_seconds,
    substring(message FROM 'sync=([0-9.]+) s')::numeric AS sync_seconds,
    substring(message FROM 'total=([0-9.]+) s')::numeric AS total_seconds,
    substring(message FROM 'distance=([0-9]+) kB')::bigint AS distance_kb,
    message
FROM pgpod_logs.postgres_log
WHERE event IN ('checkpoint_complete', 'restartpoint_complete', 'checkpoints_too_frequent');

CREATE VIEW pgpod_logs.autovacuum_runs AS
SELECT log_time, cluster, namespace, pod, event,
    substring(message FROM '(?:of table|vacuum[a-z ]* of table) "([^"]+)"') AS table_name,
    message LIKE 'automatic aggressive%' AS aggressive,
    substring(message FROM 'index scans: ([0-9]+)')::bigint AS index_scans,
    substring(message FROM 'tuples: ([0-9]+) removed')::bigint AS tuples_removed,
    substring(message FROM 'elapsed: ([0-9.]+) s')::numeric AS elapsed_seconds,
    message
FROM pgpod_logs.postgres_log
WHERE event IN ('autovacuum', 'autoanalyze');

CREATE VIEW pgpod_logs.temporary_files AS
SELECT log_time, cluster, namespace, pod, database_name, user_name, application_name, session_id,
    substring(message FROM 'size ([0-9]+)$')::bigint AS size_bytes, fingerprint, statement
FROM pgpod_logs.postgres_log
WHERE event = 'temporary_file';

CREATE VIEW pgpod_logs.connections AS
SELECT log_time, cluster, namespace, pod, event, database_name, user_name, application_name, remote_host, session_id,
    substring(message FROM 'session time: ([0-9:.]+)')::interval AS session_time, error_severity, message
FROM pgpod_logs.postgres_log
WHERE event IN ('connection_received', 'connection_authenticated', 'connection_authorized', 'replication_authorized',
    'disconnection', 'hba_rejected', 'authentication_failed', 'database_missing', 'too_many_connections',
    'server_not_ready', 'client_lost', 'protocol_violation', 'session_terminated', 'idle_in_transaction_timeout',
    'idle_session_timeout');

CREATE VIEW pgpod_logs.failovers AS
SELECT log_time AS promoted_at, cluster, namespace, pod, substring(message FROM ': ([0-9]+)')::bigint AS timeline
FROM pgpod_logs.postgres_log
WHERE event = 'timeline_selected';

CREATE VIEW pgpod_logs.failover_log AS
SELECT failover.promoted_at, failover.cluster, failover.namespace, failover.pod AS promoted_pod, failover.timeline,
    line.log_time, line.pod, line.origin, line.severity, line.message
FROM pgpod_logs.failovers failover
CROSS JOIN LATERAL (
    SELECT log.log_time, log.pod, 'postgres' AS origin, log.error_severity AS severity, log.message
    FROM pgpod_logs.postgres_log log
    WHERE log.cluster = failover.cluster AND log.namespace = failover.namespace
        AND log.log_time BETWEEN failover.promoted_at - interval '1 minute' AND failover.promoted_at + interval '1 minute'
        AND coalesce(log.event, '') NOT IN ('statement', 'duration', 'plan', 'connection_received',
            'connection_authenticated', 'connection_authorized', 'disconnection')
    UNION ALL
    SELECT log.log_time, log.pod, coalesce(log.sidecar, 'sidecar'), log.level, log.message
    FROM pgpod_logs.sidecar_log log
    WHERE log.cluster = failover.cluster AND log.namespace = failover.namespace
        AND log.log_time BETWEEN failover.promoted_at - interval '1 minute' AND failover.promoted_at + interval '1 minute'
) line;
COMMENT ON VIEW pgpod_logs.failover_log IS
    'Each promotion with the lines of all members and sidecars of its cluster from a minute before to a minute after.';

CREATE FUNCTION pgpod_logs.search_text(message text, detail text, statement text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig,
        left(coalesce(message, '') || ' ' || coalesce(detail, '') || ' ' || coalesce(statement, ''), 100000));

CREATE FUNCTION pgpod_logs.search(words text, since timestamptz DEFAULT now() - interval '1 day',
        until timestamptz DEFAULT 'infinity') RETURNS SETOF pgpod_logs.postgres_log
    LANGUAGE sql STABLE
    AS $$
        SELECT log.* FROM pgpod_logs.postgres_log log
        WHERE log.log_time >= since AND log.log_time < until
            AND pgpod_logs.search_text(log.message, log.detail, log.statement) @@ websearch_to_tsquery('simple'::regconfig, words)
    $$;
COMMENT ON FUNCTION pgpod_logs.search IS 'Records with all these words, as websearch_to_tsquery understands them.';

CREATE PROCEDURE pgpod_logs.index_closed_days()
    LANGUAGE plpgsql
    AS $$
DECLARE
    partition_name text;
BEGIN
    FOR partition_name IN
        SELECT child.relname FROM pg_catalog.pg_inherits
        JOIN pg_catalog.pg_class child ON child.oid = inhrelid
        WHERE inhparent = 'pgpod_logs.postgres_log'::regclass AND child.relname ~ '^postgres_log_[0-9]{8}$'
            AND right(child.relname, 8) < to_char(now() AT TIME ZONE 'UTC' - interval '1 day', 'YYYYMMDD')
        ORDER BY 1
    LOOP
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON pgpod_logs.%I USING gin'
            ' (pgpod_logs.search_text(message, detail, statement))', partition_name || '_search', partition_name);
        COMMIT;
    END LOOP;
END
$$;
COMMENT ON PROCEDURE pgpod_logs.index_closed_days IS
    'Indexes the words of the days before yesterday, for pgpod_logs.search; called by whoever wants that, such as pg_cron.';
