/**
 * The admin API: how commands, monitoring and health checks reach the running process. Plain HTTP on loopback with a token
 * in a file that only the same user can read; on a network address only when the configuration asks for it.
 */
@NullMarked
package dev.replicator.cli.admin;

import org.jspecify.annotations.NullMarked;
