package dev.replicator.spi;

import dev.replicator.model.Operation;

/**
 * A change that a database refused because another row there has the same unique value, and that was put aside.
 *
 * @param refused the change; an UPDATE carries only some columns
 * @param constraint the unique constraint or index
 * @param standing an UPSERT of the row in the way, as it stands there: whole, values as text
 */
public record Refusal(Operation refused, String constraint, Operation standing) {}
