/**
 * Policies: what becomes of a row that was changed concurrently.
 *
 * <p>A {@link dev.replicator.policy.Policy} is a function of the frontier of one key, and nothing else: it decides the
 * same after a crash, in another process, and in whatever order the logs were read. What it is told and may answer are
 * {@link dev.replicator.policy.Frontier} and {@link dev.replicator.policy.Decision}. {@link
 * dev.replicator.policy.Resolution} says how the value of a table's keys is found: by replaying changes, or by a policy.
 */
@NullMarked
package dev.replicator.policy;

import org.jspecify.annotations.NullMarked;
