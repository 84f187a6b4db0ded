/** The demo's data: the six Shakespeare tables, made the same on every run and loaded by COPY. */
@NullMarked
package dev.replicator.cli.demo.shakespeare;

import org.jspecify.annotations.NullMarked;
