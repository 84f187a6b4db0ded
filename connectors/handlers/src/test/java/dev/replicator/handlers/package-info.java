@NullMarked
package dev.replicator.handlers;

import org.jspecify.annotations.NullMarked;
