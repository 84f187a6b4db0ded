@NullMarked
package dev.replicator.debezium;

import org.jspecify.annotations.NullMarked;
