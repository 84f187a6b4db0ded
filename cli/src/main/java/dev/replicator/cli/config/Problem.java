package dev.replicator.cli.config;

/**
 * One mistake in a configuration file.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @param message what is wrong, and what would be right; never holds a secret
 */
public record Problem(int line, int column, String message) {}
