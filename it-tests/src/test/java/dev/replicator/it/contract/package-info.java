/** What every target has to guarantee, on real servers: {@link dev.replicator.it.contract.TargetContract}. */
@NullMarked
package dev.replicator.it.contract;

import org.jspecify.annotations.NullMarked;
