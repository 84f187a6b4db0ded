/**
 * Apache Kafka: a topic for each table, with a message in Debezium's form for each change.
 *
 * <p>{@link dev.replicator.kafka.KafkaTarget} is the session, {@link dev.replicator.kafka.TopicNames} says how topics are
 * called, {@link dev.replicator.kafka.Envelope} what is written, and {@link dev.replicator.kafka.ProgressTopic} what is kept
 * of the progress.
 */
@NullMarked
package dev.replicator.kafka;

import org.jspecify.annotations.NullMarked;
