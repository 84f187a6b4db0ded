@NullMarked
package dev.replicator.cli.demo;

import org.jspecify.annotations.NullMarked;
