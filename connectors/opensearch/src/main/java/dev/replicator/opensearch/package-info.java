/**
 * OpenSearch and Elasticsearch: a document for each row, with a version of ours.
 *
 * <p>{@link dev.replicator.opensearch.OpenSearchTarget} is the session, {@link dev.replicator.opensearch.SyncDocuments}
 * holds fence number and progress, {@link dev.replicator.opensearch.Versions} says which write of a document counts, and
 * {@link dev.replicator.opensearch.Documents} what is written.
 */
@NullMarked
package dev.replicator.opensearch;

import org.jspecify.annotations.NullMarked;
