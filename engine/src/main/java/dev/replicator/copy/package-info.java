/**
 * The rows that stand in the tables already: how they come to a database that joins, and whether databases hold the same.
 *
 * <p>Reads sources by SQL; writes through the capability {@link dev.replicator.spi.Loading} of connectors.
 */
@NullMarked
package dev.replicator.copy;

import org.jspecify.annotations.NullMarked;
