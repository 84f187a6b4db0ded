-- From format 2 to format 3: what is emptied and copied whole.

CREATE TABLE replicator.full_copy (
    sync text PRIMARY KEY,
    wanted boolean NOT NULL,
    source text,
    finished_at timestamptz,
    tables int NOT NULL DEFAULT 0,
    rows bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE replicator.full_copy IS 'Tables that this database gets emptied and copied whole, by sync';
COMMENT ON COLUMN replicator.full_copy.wanted IS 'One was begun, and is made up for after a crash';
COMMENT ON COLUMN replicator.full_copy.source IS 'The database that the last one that was finished came from';

UPDATE replicator.meta SET format = 3;
