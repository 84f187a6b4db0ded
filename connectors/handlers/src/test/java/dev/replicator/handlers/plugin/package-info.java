@NullMarked
package dev.replicator.handlers.plugin;

import org.jspecify.annotations.NullMarked;
