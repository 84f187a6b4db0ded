package dev.replicator.model;

import java.util.List;

/**
 * A part of a batch that fits in memory. Chunks are written in order, in the batch's one transaction. A MOVE is a chunk of
 * its own.
 *
 * @param truncated tables to truncate first, in one statement
 * @param merged at most one operation per key, to be written in any order that foreign keys and uniqueness allow
 * @param inOrder the same work unmerged, one operation after the other as the sources made them: the fallback when
 *     {@code merged} fails (values swapped between rows under a unique constraint, for instance)
 */
public record Chunk(List<Table> truncated, List<Operation> merged, List<Operation> inOrder) {}
