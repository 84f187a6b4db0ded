package dev.replicator.kafka;

import dev.replicator.model.DatabaseSpec;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What can be set for a Kafka database.
 *
 * @param topic template of the topic of a table
 * @param progressTopic template of the topic that keeps the progress
 * @param createTopics whether topics that are missing are created
 * @param partitions of a table's topic that is created
 * @param replicationFactor of topics that are created; 0: the broker's default
 * @param tombstones whether a deletion is followed by a message without a value
 * @param upsertOp {@code op} of a row that is now as {@code after} says
 * @param placeholders whether values that the log lacks are replaced by Debezium's placeholder, instead of refused
 * @param transactionTimeout how long a batch may take before the broker ends it
 * @param timeout how long the brokers may take for one answer
 * @param maxMessageBytes the largest message
 * @param saslMechanism how a user proves who it is
 * @param client further properties of Kafka's client, in the form of a Java properties file
 */
record KafkaOptions(
        String topic,
        String progressTopic,
        boolean createTopics,
        int partitions,
        short replicationFactor,
        boolean tombstones,
        String upsertOp,
        boolean placeholders,
        Duration transactionTimeout,
        Duration timeout,
        int maxMessageBytes,
        String saslMechanism,
        String client) {

    private static final String INCOMPLETE = "incomplete_rows";
    private static final String PLACEHOLDER = "placeholder";

    static final List<TargetOption> ALL = List.of(
            TargetOption.text(
                    "topic",
                    "{sync}.{schema}.{table}",
                    "Topic of a table, made of {sync}, {database}, {schema} and {table}."),
            TargetOption.text(
                    "progress_topic",
                    "_replicator.{sync}.{database}",
                    "Topic that keeps the progress, made of {sync} and {database}."),
            TargetOption.flag("create_topics", true, "Create topics that are missing."),
            TargetOption.number("partitions", 1, "Partitions of a table's topic that is created."),
            TargetOption.number(
                    "replication_factor", 0, "Replication factor of topics that are created. 0: the broker's default."),
            TargetOption.flag(
                    "tombstones", true, "A deletion is followed by a message with the same key and without a value."),
            TargetOption.choice(
                    "upsert_op",
                    List.of("u", "c", "r"),
                    "The op of a message that says what a row is now, inserted or updated."),
            TargetOption.choice(
                    INCOMPLETE,
                    List.of("stop", PLACEHOLDER),
                    "What becomes of a row of which the log lacks a large value that did not change: stop the database,"
                            + " named; or write the text __debezium_unavailable_value in its place."),
            TargetOption.time(
                    "transaction_timeout",
                    "15min",
                    "How long a batch may take before the broker ends its transaction; at most the broker's"
                            + " transaction.max.timeout.ms."),
            TargetOption.time("timeout", "30s", "How long the brokers may take for one answer."),
            TargetOption.bytes(
                    "max_message", "1MiB", "The largest message; topics that are created take messages of that size."),
            TargetOption.choice(
                    "sasl_mechanism",
                    List.of("plain", "scram-sha-256", "scram-sha-512"),
                    "How user and password are told, where there is a user."),
            TargetOption.text(
                    "client",
                    "",
                    "Further properties of Kafka's client, one a line, as in a Java properties file:"
                            + " ssl.truststore.location=/etc/kafka/ca.pem."));

    static KafkaOptions of(DatabaseSpec database) {
        TargetOptions options = TargetOptions.of(database);
        return new KafkaOptions(
                options.text("topic"),
                options.text("progress_topic"),
                options.flag("create_topics"),
                (int) Math.min(Integer.MAX_VALUE, options.number("partitions")),
                (short) Math.min(Short.MAX_VALUE, options.number("replication_factor")),
                options.flag("tombstones"),
                options.text("upsert_op"),
                takesIncompleteRows(database),
                options.time("transaction_timeout"),
                options.time("timeout"),
                (int) Math.min(Integer.MAX_VALUE, options.number("max_message")),
                options.text("sasl_mechanism").toUpperCase(Locale.ROOT),
                options.text("client"));
    }

    static boolean takesIncompleteRows(DatabaseSpec database) {
        return TargetOptions.of(database).text(INCOMPLETE).equals(PLACEHOLDER);
    }
}
