@NullMarked
package dev.replicator.cli.demo.shakespeare;

import org.jspecify.annotations.NullMarked;
