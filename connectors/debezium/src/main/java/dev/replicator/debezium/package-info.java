/**
 * MySQL and MariaDB as sources, through the Debezium embedded engine.
 *
 * <p>A change goes from {@link dev.replicator.debezium.Engine}, which runs Debezium, over {@link
 * dev.replicator.debezium.Transactions}, which puts whole transactions together, to {@link
 * dev.replicator.debezium.BinlogSource}, the session that hands them out. {@link dev.replicator.debezium.TypeMap} says
 * which type of PostgreSQL's a column has, {@link dev.replicator.debezium.ValueText} writes its values so.
 */
@NullMarked
package dev.replicator.debezium;

import org.jspecify.annotations.NullMarked;
