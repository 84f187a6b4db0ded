/**
 * Databases that are written over JDBC: MySQL and MariaDB, SQLite, Oracle, and any other.
 *
 * <p>{@link dev.replicator.jdbc.JdbcTarget} is the session; what differs from one database to the next is in its {@link
 * dev.replicator.jdbc.Dialect}.
 */
@NullMarked
package dev.replicator.jdbc;

import org.jspecify.annotations.NullMarked;
