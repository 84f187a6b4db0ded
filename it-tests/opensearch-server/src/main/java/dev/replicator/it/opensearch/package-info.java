/** A real OpenSearch node, for tests: a program of its own, since its libraries get along with no others. */
@NullMarked
package dev.replicator.it.opensearch;

import org.jspecify.annotations.NullMarked;
