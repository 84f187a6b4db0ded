@NullMarked
package dev.replicator.policy;

import org.jspecify.annotations.NullMarked;
