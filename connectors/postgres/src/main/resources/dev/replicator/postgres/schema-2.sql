-- From format 1 to format 2: how tables joined a sync, and what is being copied.

CREATE TABLE replicator.table_join (
    sync text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    state text NOT NULL CHECK (state IN ('kept', 'requested', 'copying', 'copied')),
    source text,
    held jsonb NOT NULL DEFAULT '{}',
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sync, schema_name, table_name)
);
COMMENT ON TABLE replicator.table_join IS 'How the rows of each table came into this database: decided once';
COMMENT ON COLUMN replicator.table_join.source IS 'The database they were copied from';
COMMENT ON COLUMN replicator.table_join.held IS 'Positions that the copied rows hold at least, by source';

CREATE TABLE replicator.copy_range (
    sync text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    number int NOT NULL,
    lower_key text[],
    upper_key text[],
    rows bigint NOT NULL DEFAULT 0,
    held jsonb,
    PRIMARY KEY (sync, schema_name, table_name, number)
);
COMMENT ON TABLE replicator.copy_range IS 'Parts of the tables that are being copied; those with positions are there';

ALTER TABLE replicator.progress ADD COLUMN joined_before boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN replicator.progress.joined_before IS 'Tables of the next start had joined before that was recorded';
UPDATE replicator.progress SET joined_before = fence > 0;

UPDATE replicator.meta SET format = 2;
