/**
 * The configuration file: YAML becomes the records of the engine's model, or a list of everything that is wrong with it,
 * each problem with its place and the nearest right word. Nothing here connects to a server.
 */
@NullMarked
package dev.replicator.cli.config;

import org.jspecify.annotations.NullMarked;
