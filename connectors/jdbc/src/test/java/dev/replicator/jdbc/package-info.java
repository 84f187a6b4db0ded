@NullMarked
package dev.replicator.jdbc;

import org.jspecify.annotations.NullMarked;
