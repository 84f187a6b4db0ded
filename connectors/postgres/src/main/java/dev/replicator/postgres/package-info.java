/** PostgreSQL as source and target. */
@org.jspecify.annotations.NullMarked
package dev.replicator.postgres;
