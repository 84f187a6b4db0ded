/**
 * Redis and Valkey: a hash, a JSON text, or a stream's entry for each row.
 *
 * <p>{@link dev.replicator.redis.RedisTarget} is the session, {@link dev.replicator.redis.KeyNames} says how keys are
 * called, and a {@link dev.replicator.redis.RowForm} what is written.
 */
@NullMarked
package dev.replicator.redis;

import org.jspecify.annotations.NullMarked;
