-- Schema of format 1: everything that this program stores in a database.

CREATE TABLE replicator.meta (
    format int NOT NULL
);
COMMENT ON TABLE replicator.meta IS 'Format version of this schema';

CREATE TABLE replicator.progress (
    sync text PRIMARY KEY,
    database text NOT NULL,
    fence bigint NOT NULL DEFAULT 0,
    pid int,
    backend_start timestamptz,
    last_fence bigint NOT NULL DEFAULT 0,
    last_batch bigint NOT NULL DEFAULT 0,
    held jsonb NOT NULL DEFAULT '{}',
    states jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10);
COMMENT ON TABLE replicator.progress IS 'What this database holds of each sync, committed with the data';
COMMENT ON COLUMN replicator.progress.fence IS 'Number of the session that may write; whoever raises it shuts out all earlier ones';
COMMENT ON COLUMN replicator.progress.held IS 'Positions held, by source';
COMMENT ON COLUMN replicator.progress.states IS 'Copies of what the sources have stored, by source';

CREATE TABLE replicator.state (
    sync text PRIMARY KEY,
    state jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE replicator.state IS 'Where reading of this database''s own log starts after a restart';

CREATE TABLE replicator.identity (
    sync text PRIMARY KEY,
    system_identifier bigint NOT NULL,
    timeline bigint NOT NULL,
    database_oid bigint NOT NULL,
    name text NOT NULL
);
COMMENT ON TABLE replicator.identity IS 'Which database this was when the sync saw it last';

CREATE TABLE replicator.secret (
    sync text PRIMARY KEY,
    secret bytea NOT NULL
);
REVOKE ALL ON TABLE replicator.secret FROM PUBLIC;
COMMENT ON TABLE replicator.secret IS 'Signs the marks in this database''s log';

CREATE TABLE replicator.conflict_history (
    id text PRIMARY KEY,
    sync text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    type text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    loser_database text NOT NULL,
    loser_lsn pg_lsn NOT NULL,
    loser_time timestamptz,
    loser_kind text NOT NULL,
    loser_key jsonb NOT NULL,
    loser_row jsonb,
    winner_database text NOT NULL,
    winner_lsn pg_lsn NOT NULL,
    winner_time timestamptz,
    winner_kind text NOT NULL,
    winner_key jsonb NOT NULL,
    winner_row jsonb,
    policy text NOT NULL,
    reason text NOT NULL,
    undone_at timestamptz,
    undone_by text
);
CREATE INDEX ON replicator.conflict_history (sync, recorded_at);
COMMENT ON TABLE replicator.conflict_history IS 'Committed changes that were discarded, and what won over them';
COMMENT ON COLUMN replicator.conflict_history.undone_at IS 'When the discarded version was written back on this database';

CREATE TABLE replicator.policy (
    sync text,
    schema_name text,
    table_name text,
    definition text NOT NULL,
    generation bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sync, schema_name, table_name)
);
COMMENT ON TABLE replicator.policy IS 'What decides the conflicts of each table';
COMMENT ON COLUMN replicator.policy.generation IS 'The same in all rows of a sync; of several databases the highest is right';

CREATE TABLE replicator.pause (
    sync text PRIMARY KEY,
    number bigint NOT NULL,
    paused boolean NOT NULL,
    since timestamptz NOT NULL,
    said_by text NOT NULL
);
COMMENT ON TABLE replicator.pause IS 'Whether a sync is paused: of all its databases the one with the highest number knows';

CREATE TABLE replicator.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    key jsonb NOT NULL,
    operation text NOT NULL CHECK (operation IN ('upsert', 'update', 'delete')),
    carried jsonb NOT NULL,
    row_xmin xid,
    sqlstate text NOT NULL,
    constraint_name text,
    reason text NOT NULL,
    commit_time timestamptz,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON replicator.quarantine (sync, schema_name, table_name);
COMMENT ON TABLE replicator.quarantine IS 'Changes that this database has refused, put aside until it takes them';
COMMENT ON COLUMN replicator.quarantine.row_xmin IS 'The version of the row that stood there then; NULL: there was none';

CREATE TABLE replicator.orphan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync text NOT NULL,
    constraint_name text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    key jsonb NOT NULL,
    parent jsonb NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (sync, constraint_name, key)
);
COMMENT ON TABLE replicator.orphan IS 'Rows whose parent was deleted on another database, until that is decided';
COMMENT ON COLUMN replicator.orphan.parent IS 'The last values of the parent';

CREATE TABLE replicator.decision (
    id text PRIMARY KEY,
    sync text NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON replicator.decision (sync, made_at);
COMMENT ON TABLE replicator.decision IS 'Decisions that were followed by changes made here, each once';

CREATE FUNCTION replicator.enter(of_sync text, own_fence bigint) RETURNS xid8
    LANGUAGE plpgsql VOLATILE AS
$$
DECLARE
    current_fence bigint;
BEGIN
    SELECT p.fence INTO current_fence FROM replicator.progress p WHERE p.sync OPERATOR(pg_catalog.=) of_sync FOR UPDATE;
    IF current_fence IS DISTINCT FROM own_fence THEN
        RAISE EXCEPTION 'fence number of sync "%" is % by now', of_sync, current_fence
            USING ERRCODE = 'RP001', DETAIL = pg_catalog.format('This session took number %s.', own_fence);
    END IF;
    RETURN pg_catalog.pg_current_xact_id();
END
$$;
REVOKE ALL ON FUNCTION replicator.enter(text, bigint) FROM PUBLIC;
COMMENT ON FUNCTION replicator.enter IS 'Locks the progress of a sync, or fails when another session has taken it over';

INSERT INTO replicator.meta (format) VALUES (1);
