-- From format 3 to format 4: databases that a sync does without for now.

CREATE TABLE replicator.detached (
    sync text NOT NULL,
    database text NOT NULL,
    number bigint NOT NULL,
    detached boolean NOT NULL,
    since timestamptz NOT NULL,
    said_by text NOT NULL,
    PRIMARY KEY (sync, database)
);
COMMENT ON TABLE replicator.detached IS 'Databases that a sync does without for now: of all databases the one with the highest number knows';

UPDATE replicator.meta SET format = 4;
