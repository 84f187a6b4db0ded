package dev.replicator.kafka;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the clients of one database, all with its properties: those of the option {@code client}, which beat ours, but for
 * those that the guarantees stand on. Throws the client's exceptions. Immutable; any thread.
 */
final class ClientSettings {
    /** What is not the user's to set. */
    private static final Set<String> OURS = Set.of(
            CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG,
            CommonClientConfigs.GROUP_ID_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            ProducerConfig.TRANSACTION_TWO_PHASE_COMMIT_ENABLE_CONFIG,
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
            ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    /** What the lines around a message take. */
    private static final int REQUEST_MARGIN_BYTES = 4096;

    private static final int BATCH_BYTES = 128 << 10;
    private static final long BUFFER_BYTES = 32 << 20;
    private static final int LINGER_MILLIS = 5;
    private static final int LONGEST_REQUEST_MILLIS = 30_000;

    private final Map<String, Object> common;
    private final KafkaOptions options;

    private ClientSettings(Map<String, Object> common, KafkaOptions options) {
        this.common = Map.copyOf(common);
        this.options = options;
    }

    /** Throws CONFIGURATION where the option {@code client} sets what it may not. */
    static ClientSettings of(DatabaseSpec database, KafkaUrl url, KafkaOptions options, String clientId) {
        int timeoutMillis = Math.toIntExact(options.timeout().toMillis());
        Map<String, Object> common = new HashMap<>();
        common.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, String.join(",", url.brokers()));
        common.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        common.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, requestMillis(timeoutMillis));
        common.put(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, timeoutMillis);
        common.put(CommonClientConfigs.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, (long) requestMillis(timeoutMillis));
        common.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500L);
        common.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, List.of());
        common.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        String user = database.user();
        common.put(
                CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                (user == null ? "" : "SASL_") + (url.tls() ? "SSL" : "PLAINTEXT"));
        if (user != null) {
            common.put(SaslConfigs.SASL_MECHANISM, options.saslMechanism());
            common.put(SaslConfigs.SASL_JAAS_CONFIG, login(options.saslMechanism(), user, database.password()));
        }
        Properties given = properties(database, options);
        Set<String> refused = new TreeSet<>(given.stringPropertyNames());
        refused.retainAll(OURS);
        if (!refused.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot use option client of database \"" + database.name() + "\"",
                    "It sets " + String.join(", ", refused) + ", which this program sets.",
                    "Leave that out. There are the options transaction_timeout and max_message.");
        }
        given.stringPropertyNames().forEach(name -> common.put(name, given.getProperty(name)));
        return new ClientSettings(common, options);
    }

    private static int requestMillis(int timeoutMillis) {
        return Math.max(1, Math.min(LONGEST_REQUEST_MILLIS, timeoutMillis / 2));
    }

    private static Properties properties(DatabaseSpec database, KafkaOptions options) {
        Properties given = new Properties();
        try {
            given.load(new StringReader(options.client()));
        } catch (IOException | IllegalArgumentException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.CONFIGURATION,
                    "cannot read option client of database \"" + database.name() + "\"",
                    String.valueOf(e.getMessage()),
                    "Write name=value, one a line, as in a Java properties file.",
                    e);
        }
        return given;
    }

    private static String login(String mechanism, String user, @Nullable Secret password) {
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return "org.apache.kafka.common.security." + module + " required username=" + quoted(user) + " password="
                + quoted(password == null ? "" : password.reveal()) + ";";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    Admin admin() {
        return Admin.create(common);
    }

    /** The one that writes batches. */
    Producer<byte[], byte[]> transactional(String transactionalId) {
        Map<String, Object> settings = producer();
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        settings.put(
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                Math.toIntExact(options.transactionTimeout().toMillis()));
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** One that writes single messages. */
    Producer<byte[], byte[]> plain() {
        return new KafkaProducer<>(producer(), new ByteArraySerializer(), new ByteArraySerializer());
    }

    private Map<String, Object> producer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Math.max(BUFFER_BYTES, 2L * options.maxMessageBytes()));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, options.timeout().toMillis());
        settings.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.toIntExact(options.timeout().toMillis()) + LINGER_MILLIS);
        settings.putAll(common);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, (int)
                Math.min(Integer.MAX_VALUE, (long) options.maxMessageBytes() + REQUEST_MARGIN_BYTES));
        return settings;
    }

    /** {@code committed}: sees whole transactions only. */
    Consumer<String, String> consumer(boolean committed) {
        Map<String, Object> settings = new HashMap<>(common);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, committed ? "read_committed" : "read_uncommitted");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }
}
