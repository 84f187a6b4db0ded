/**
 * Files of changes as a target: {@link dev.replicator.file.FileTarget} appends batches to the open file of a folder, {@link
 * dev.replicator.file.Folder} says what lies there and what a new session takes over, {@link
 * dev.replicator.file.BatchFormat} how a batch looks.
 */
@NullMarked
package dev.replicator.file;

import org.jspecify.annotations.NullMarked;
