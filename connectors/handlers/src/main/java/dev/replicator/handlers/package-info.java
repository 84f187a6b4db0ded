/**
 * Code of the user's that decides conflicts, as policies of the engine.
 *
 * <p>{@link dev.replicator.handlers.CustomPolicies} makes a policy of what the configuration says: an expression (package
 * {@code expression}), a script ({@code script}) or a class of a plugin ({@code plugin}). Each is a {@link
 * dev.replicator.spi.ConflictHandler}; {@link dev.replicator.handlers.HandlerPolicy} calls it, checks its answer against
 * the table, and contains what goes wrong.
 */
@NullMarked
package dev.replicator.handlers;

import org.jspecify.annotations.NullMarked;
