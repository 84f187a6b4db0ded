package dev.replicator.handlers;

import dev.replicator.model.TableName;

/** Hears of each conflict that a handler failed to decide; the fallback has decided then. Called on the resolving thread. */
@FunctionalInterface
public interface FailureListener {
    /** @param what part of a sentence: what went wrong, without values of rows */
    void failed(String handler, TableName table, String what);
}
