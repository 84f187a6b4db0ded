@NullMarked
package dev.replicator.apply;

import org.jspecify.annotations.NullMarked;
