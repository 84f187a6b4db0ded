@NullMarked
package dev.replicator.acknowledge;

import org.jspecify.annotations.NullMarked;
