/** Tests of the configuration file. */
@NullMarked
package dev.replicator.cli.config;

import org.jspecify.annotations.NullMarked;
