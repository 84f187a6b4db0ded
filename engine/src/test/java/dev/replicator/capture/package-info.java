@NullMarked
package dev.replicator.capture;

import org.jspecify.annotations.NullMarked;
