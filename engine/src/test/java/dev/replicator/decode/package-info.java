@NullMarked
package dev.replicator.decode;

import org.jspecify.annotations.NullMarked;
