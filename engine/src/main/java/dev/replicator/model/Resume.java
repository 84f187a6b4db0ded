package dev.replicator.model;

/**
 * What the log of a source that is no PostgreSQL is read on from: a number that orders its transactions is not enough there.
 *
 * @param place where in the log, in the words of whoever reads it
 * @param context what has to be known to understand the log from there on, such as the columns that its tables had; many
 *     share one text
 */
public record Resume(String place, String context) {}
