@NullMarked
package dev.replicator.codec;

import org.jspecify.annotations.NullMarked;
