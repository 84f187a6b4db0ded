package dev.replicator.model;

/** What a change did to its row, or, for TRUNCATE, to every row of its table. */
public enum ChangeKind {
    INSERT,
    UPDATE,
    DELETE,
    TRUNCATE
}
