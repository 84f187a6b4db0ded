@NullMarked
package dev.replicator.connector;

import org.jspecify.annotations.NullMarked;
