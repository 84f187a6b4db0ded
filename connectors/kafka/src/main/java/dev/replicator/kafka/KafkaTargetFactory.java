package dev.replicator.kafka;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableSchema;
import dev.replicator.spi.Remark;
import dev.replicator.spi.Target;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetOption;
import dev.replicator.spi.TargetRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;

/** Serves Apache Kafka, and what speaks its protocol with transactions; kind {@code kafka}. */
public final class KafkaTargetFactory implements TargetFactory {
    @Override
    public String kind() {
        return "kafka";
    }

    @Override
    public Set<String> schemes() {
        return KafkaUrl.SCHEMES;
    }

    @Override
    public List<TargetOption> options() {
        return KafkaOptions.ALL;
    }

    @Override
    public @Nullable String problemOf(String url) {
        return KafkaUrl.problemOf(url);
    }

    /** A message cannot be changed later, so it has to hold all of its row. */
    @Override
    public boolean takesWholeRowsOnly(DatabaseSpec database) {
        return !KafkaOptions.takesIncompleteRows(database);
    }

    @Override
    public Target open(TargetRequest request) {
        return session(request).target();
    }

    /** What a session works with. */
    private record Session(Topics topics, ProgressTopic progress, Map<Table, String> topicOf, KafkaTarget target) {}

    private static Session session(TargetRequest request) {
        try {
            return connected(request);
        } catch (KafkaException e) {
            throw KafkaErrors.of("connect to database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } catch (ReplicatorException e) {
            throw e.within(request.context());
        }
    }

    private static Session connected(TargetRequest request) {
        DatabaseSpec database = request.database();
        KafkaOptions options = KafkaOptions.of(database);
        KafkaUrl url = KafkaUrl.parse(database.url());
        if (!url.isResolvable()) {
            throw ReplicatorException.retryable(
                    ErrorCode.CONNECTION,
                    "could not connect to database \"" + database.name() + "\"",
                    "No broker of " + String.join(", ", url.brokers()) + " has a known address.",
                    null);
        }
        Map<Table, String> topicOf = topics(request, options);
        String clientId = "replicator-" + request.sync().name() + "-" + database.name();
        ClientSettings clients = ClientSettings.of(database, url, options, clientId);
        Topics topics = new Topics(clients.admin(), options, String.join(",", url.brokers()));
        try {
            ProgressTopic progress = new ProgressTopic(progressTopic(request, options), clients, options.timeout());
            check(topics, progress, topicOf, request);
            return new Session(
                    topics,
                    progress,
                    topicOf,
                    new KafkaTarget(request, options, clients, topics, progress, topicOf, messages(request, options)));
        } catch (KafkaException | ReplicatorException e) {
            topics.close();
            throw e;
        }
    }

    private static Messages messages(TargetRequest request, KafkaOptions options) {
        List<String> sources = request.sourceNames();
        Envelope envelope = new Envelope(
                Objects.requireNonNullElse(KafkaTargetFactory.class.getPackage().getImplementationVersion(), "unknown"),
                request.sync().name(),
                sources.size() == 1 ? sources.get(0) : request.sync().name(),
                options.placeholders());
        return new Messages(request, options, envelope);
    }

    private static String progressTopic(TargetRequest request, KafkaOptions options) {
        return TopicNames.of(
                        options.progressTopic(),
                        request.sync().name(),
                        request.database().name())
                .ofSync();
    }

    private static ReplicatorException unusable(TargetRequest request, String option, String problem) {
        return ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot use option " + option + " of database \""
                        + request.database().name() + "\"",
                problem,
                null);
    }

    private static Map<Table, String> topics(TargetRequest request, KafkaOptions options) {
        refuse(request, "topic", TopicNames.problemOf(options.topic(), true));
        refuse(request, "progress_topic", TopicNames.problemOf(options.progressTopic(), false));
        refuse(request, "partitions", options.partitions() > 0 ? null : "A topic has at least one.");
        refuse(request, "timeout", options.timeout().toMillis() >= 1000 ? null : "It has to be at least 1s.");
        refuse(request, "max_message", options.maxMessageBytes() >= 1024 ? null : "It has to be at least 1KiB.");
        TopicNames names = TopicNames.of(
                options.topic(), request.sync().name(), request.database().name());
        String progress = progressTopic(request, options);
        Map<Table, String> topics = new HashMap<>();
        Map<String, Table> taken = new HashMap<>();
        for (TableSchema schema : request.tables()) {
            Table table = schema.table();
            String topic = names.of(table.name());
            if (topic.length() > TopicNames.LONGEST || topic.equals(progress)) {
                throw unusable(
                        request,
                        "topic",
                        "The topic of table " + table.name() + " would be \"" + topic + "\", which "
                                + (topic.equals(progress)
                                        ? "keeps the progress."
                                        : "has more than " + TopicNames.LONGEST + " characters."));
            }
            Table other = taken.putIfAbsent(topic, table);
            if (other != null) {
                throw unusable(
                        request,
                        "topic",
                        "Tables " + other.name() + " and " + table.name() + " would have the same topic \"" + topic
                                + "\"" + (names.namesSchemas() ? "." : "; it needs {schema}."));
            }
            topics.put(table, topic);
        }
        return topics;
    }

    private static void refuse(TargetRequest request, String option, @Nullable String problem) {
        if (problem != null) {
            throw unusable(request, option, problem);
        }
    }

    private static void check(
            Topics topics, ProgressTopic progress, Map<Table, String> topicOf, TargetRequest request) {
        if (!topicOf.isEmpty()) {
            topics.create(topicOf.values(), progress.name(), false);
        }
        if (topics.isPresent(progress.name())) {
            String policy = topics.setting(progress.name(), TopicConfig.CLEANUP_POLICY_CONFIG);
            if (policy != null && !policy.equals(TopicConfig.CLEANUP_POLICY_COMPACT)) {
                throw ReplicatorException.fatal(
                        ErrorCode.SERVER_SETTING,
                        "cannot keep the progress of sync \"" + request.sync().name() + "\" in topic \""
                                + progress.name() + "\"",
                        "Its cleanup.policy is " + policy + ": the broker would remove the progress some day.",
                        "Run kafka-configs.sh --alter --entity-type topics --entity-name " + progress.name()
                                + " --add-config cleanup.policy=compact.");
            }
        }
    }

    @Override
    public List<Remark> examine(TargetRequest request) {
        Session session = session(request);
        try {
            List<Remark> remarks = new ArrayList<>();
            List<String> names = new ArrayList<>(session.topicOf().values());
            names.add(session.progress().name());
            Map<String, TopicDescription> present = session.topics().present(names);
            present.values().stream()
                    .filter(topic -> topic.partitions().stream()
                            .anyMatch(part -> part.replicas().size() < 2))
                    .map(TopicDescription::name)
                    .sorted()
                    .findFirst()
                    .ifPresent(name -> remarks.add(new Remark(
                            Remark.Severity.NOTICE,
                            ErrorCode.SERVER_SETTING,
                            "topics of database \"" + request.database().name() + "\" are on one broker each",
                            "Topic \"" + name + "\" has one replica: if that broker's machine is lost, changes and"
                                    + " progress are.",
                            "Have at least three replicas, and min.insync.replicas 2.",
                            List.of())));
            return remarks;
        } catch (KafkaException e) {
            throw KafkaErrors.of("look at database \"" + request.database().name() + "\"", e)
                    .within(request.context());
        } finally {
            session.target().close();
        }
    }
}
