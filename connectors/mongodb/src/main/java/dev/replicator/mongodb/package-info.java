/**
 * MongoDB: a document for each row.
 *
 * <p>{@link dev.replicator.mongodb.MongoTarget} is the session. {@link dev.replicator.mongodb.Documents} makes changes of
 * documents from those of rows, {@link dev.replicator.mongodb.BsonValues} has the type map, {@link
 * dev.replicator.mongodb.PageWriter} writes them; {@link dev.replicator.mongodb.SyncDocument} keeps fence number and
 * progress, {@link dev.replicator.mongodb.RedoLog} what is too large for one transaction.
 */
@NullMarked
package dev.replicator.mongodb;

import org.jspecify.annotations.NullMarked;
