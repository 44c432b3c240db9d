CREATE TABLE pgpod_logs.source (
    source_id uuid PRIMARY KEY,
    epoch bigint NOT NULL,
    owner uuid NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    node text,
    opened_at timestamptz NOT NULL
);
COMMENT ON TABLE pgpod_logs.source IS
    'One row per log directory. The shipper whose start has the highest epoch is the only one that can write.';

CREATE TABLE pgpod_logs.file (
    source_id uuid NOT NULL REFERENCES pgpod_logs.source ON DELETE CASCADE,
    file_number integer NOT NULL,
    stream text NOT NULL,
    name text NOT NULL,
    inode bigint NOT NULL,
    position bigint NOT NULL,
    head_bytes integer NOT NULL,
    head_sha256 text NOT NULL,
    tail_bytes integer NOT NULL,
    tail_sha256 text NOT NULL,
    stored_at timestamptz NOT NULL,
    PRIMARY KEY (source_id, file_number)
) WITH (fillfactor = 50);
COMMENT ON COLUMN pgpod_logs.file.position IS
    'Every record that ends at or before this byte is stored; written in the transaction that stores the records.';

CREATE TABLE pgpod_logs.postgres_log (
    log_time timestamptz NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    node text,
    source_id uuid NOT NULL,
    user_name text,
    database_name text,
    pid integer,
    remote_host text,
    remote_port integer,
    session_id text,
    line_num bigint,
    ps text,
    session_start timestamptz,
    vxid text,
    txid bigint,
    error_severity text,
    state_code text,
    message text,
    detail text,
    hint text,
    internal_query text,
    internal_position integer,
    context text,
    statement text,
    cursor_position integer,
    func_name text,
    file_name text,
    file_line_num integer,
    application_name text,
    backend_type text,
    leader_pid integer,
    query_id bigint,
    truncated_from_bytes bigint,
    extra jsonb
) PARTITION BY RANGE (log_time);
CREATE INDEX postgres_log_time ON pgpod_logs.postgres_log USING brin (log_time);
CREATE INDEX postgres_log_problems ON pgpod_logs.postgres_log (log_time)
    WHERE error_severity IN ('WARNING', 'ERROR', 'FATAL', 'PANIC');
CREATE TABLE pgpod_logs.postgres_log_default PARTITION OF pgpod_logs.postgres_log DEFAULT;

CREATE TABLE pgpod_logs.sidecar_log (
    log_time timestamptz NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    node text,
    source_id uuid NOT NULL,
    sidecar text,
    instance text,
    line bigint,
    level text,
    logger text,
    thread text,
    message text,
    exception text,
    truncated_from_bytes bigint,
    extra jsonb
) PARTITION BY RANGE (log_time);
CREATE INDEX sidecar_log_time ON pgpod_logs.sidecar_log USING brin (log_time);
CREATE TABLE pgpod_logs.sidecar_log_default PARTITION OF pgpod_logs.sidecar_log DEFAULT;

CREATE TABLE pgpod_logs.postgres_stderr (
    log_time timestamptz NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    node text,
    source_id uuid NOT NULL,
    file_number integer NOT NULL,
    file_name text NOT NULL,
    position bigint NOT NULL,
    line text NOT NULL,
    truncated_from_bytes bigint
) PARTITION BY RANGE (log_time);
COMMENT ON COLUMN pgpod_logs.postgres_stderr.log_time IS
    'When the shipper read the line: the line itself has no time that can be relied on.';
CREATE INDEX postgres_stderr_time ON pgpod_logs.postgres_stderr USING brin (log_time);
CREATE TABLE pgpod_logs.postgres_stderr_default PARTITION OF pgpod_logs.postgres_stderr DEFAULT;

CREATE TABLE pgpod_logs.dead_letter (
    log_time timestamptz NOT NULL,
    cluster text NOT NULL,
    namespace text NOT NULL,
    pod text NOT NULL,
    node text,
    source_id uuid NOT NULL,
    stream text NOT NULL,
    file_number integer NOT NULL,
    file_name text NOT NULL,
    position bigint NOT NULL,
    length bigint NOT NULL,
    reason text NOT NULL,
    raw bytea NOT NULL
);
COMMENT ON COLUMN pgpod_logs.dead_letter.log_time IS 'When the shipper read the record.';
CREATE INDEX dead_letter_time ON pgpod_logs.dead_letter (log_time);
