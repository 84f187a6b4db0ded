/** Tests of the vocabulary. */
@org.jspecify.annotations.NullMarked
package dev.replicator.model;
