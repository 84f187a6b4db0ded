package dev.replicator.kafka;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** The topics of a sync: which are there, and making the others. Throws the client's exceptions. Thread: any. */
final class Topics implements AutoCloseable {
    /** Keeps the topic of the progress small, and what it says for ever. */
    private static final Map<String, String> OF_PROGRESS = new TreeMap<>(Map.of(
            TopicConfig.CLEANUP_POLICY_CONFIG,
            TopicConfig.CLEANUP_POLICY_COMPACT,
            TopicConfig.SEGMENT_BYTES_CONFIG,
            String.valueOf(1 << 20),
            TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG,
            "0.01",
            TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
            String.valueOf(1 << 20)));

    private static final int DEFAULT_MESSAGE_BYTES = 1 << 20;
    private static final Duration ASK_AGAIN = Duration.ofMillis(20);
    private static final int NAMED = 20;

    private final Admin admin;
    private final KafkaOptions options;
    private final String servers;

    /** {@code servers}: as the commands that come with Kafka are told them. */
    Topics(Admin admin, KafkaOptions options, String servers) {
        this.admin = admin;
        this.options = options;
        this.servers = servers;
    }

    /** What is there of these. */
    Map<String, TopicDescription> present(Collection<String> names) {
        Map<String, TopicDescription> present = new HashMap<>();
        admin.describeTopics(List.copyOf(names)).topicNameValues().forEach((name, description) -> {
            TopicDescription found = unless(UnknownTopicOrPartitionException.class, description);
            if (found != null) {
                present.put(name, found);
            }
        });
        return present;
    }

    boolean isPresent(String name) {
        return !present(List.of(name)).isEmpty();
    }

    /** Null: it failed so. */
    private static <T> @Nullable T unless(Class<? extends KafkaException> expected, KafkaFuture<T> future) {
        try {
            return KafkaCalls.await(future);
        } catch (KafkaException e) {
            if (expected.isInstance(e)) {
                return null;
            }
            throw e;
        }
    }

    /**
     * Makes what is missing of a table's topics and the topic of the progress; {@code reallyDo} false: only asks whether that
     * could be done. Fails, with the commands, where that is not wanted.
     */
    void create(Collection<String> tables, String progress, boolean reallyDo) {
        List<String> wanted = new ArrayList<>(tables);
        wanted.add(progress);
        wanted.removeAll(present(wanted).keySet());
        if (wanted.isEmpty()) {
            return;
        }
        if (!options.createTopics()) {
            throw missing(wanted, progress);
        }
        List<NewTopic> created =
                wanted.stream().map(name -> topic(name, name.equals(progress))).toList();
        admin.createTopics(created, new CreateTopicsOptions().validateOnly(!reallyDo))
                .values()
                .values()
                .forEach(future -> unless(TopicExistsException.class, future));
    }

    private NewTopic topic(String name, boolean ofProgress) {
        Optional<Short> replication =
                options.replicationFactor() == 0 ? Optional.empty() : Optional.of(options.replicationFactor());
        return new NewTopic(name, Optional.of(ofProgress ? 1 : options.partitions()), replication)
                .configs(ofProgress ? OF_PROGRESS : ofTables());
    }

    private Map<String, String> ofTables() {
        return options.maxMessageBytes() <= DEFAULT_MESSAGE_BYTES
                ? Map.of()
                : Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(options.maxMessageBytes() + 4096L));
    }

    private ReplicatorException missing(List<String> names, String progress) {
        StringBuilder commands = new StringBuilder("Run ");
        names.stream()
                .limit(NAMED)
                .forEach(name ->
                        commands.append(command(name, name.equals(progress))).append("; "));
        return ReplicatorException.fatal(
                ErrorCode.TABLE,
                "cannot write to topics that do not exist",
                "Missing: "
                        + String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                        + (names.size() > NAMED ? " and " + (names.size() - NAMED) + " more" : "") + ".",
                commands + "or set the option create_topics: true.");
    }

    private String command(String name, boolean ofProgress) {
        StringBuilder command = new StringBuilder("kafka-topics.sh --bootstrap-server " + servers + " --create --topic "
                + name + " --partitions " + (ofProgress ? 1 : options.partitions()));
        if (options.replicationFactor() > 0) {
            command.append(" --replication-factor ").append(options.replicationFactor());
        }
        (ofProgress ? OF_PROGRESS : ofTables())
                .forEach((key, value) ->
                        command.append(" --config ").append(key).append('=').append(value));
        return command.toString();
    }

    /** A setting of a topic that is there; null where the user may not ask. */
    @Nullable
    String setting(String topic, String name) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Map<ConfigResource, Config> configs = unless(
                AuthorizationException.class,
                admin.describeConfigs(List.of(resource)).all());
        Config config = configs == null ? null : configs.get(resource);
        ConfigEntry entry = config == null ? null : config.get(name);
        return entry == null ? null : entry.value();
    }

    /** Returns once it is gone. */
    void delete(String name) {
        unless(
                UnknownTopicOrPartitionException.class,
                admin.deleteTopics(List.of(name)).all());
        long end = System.nanoTime() + options.timeout().toNanos();
        while (isPresent(name) && System.nanoTime() - end < 0) {
            // A broker hears of it a moment later.
            LockSupport.parkNanos(ASK_AGAIN.toNanos());
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
