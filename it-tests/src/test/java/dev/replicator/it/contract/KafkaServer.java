package dev.replicator.it.contract;

import dev.replicator.embedded.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka broker from Maven Central that is its own controller (KRaft), in a process of its own: one listener for everybody,
 * and one for user {@code replicator} with password {@code sec"ret}.
 */
final class KafkaServer implements AutoCloseable {
    private static final Path JARS = Path.of(System.getProperty("replicator.it.kafka", "kafka-broker/target/broker"));

    private final Path folder;
    private final int port = FreePort.find();
    private final int saslPort = FreePort.find();
    private final Admin admin;
    private @Nullable Process process;

    KafkaServer() {
        if (!Files.isDirectory(JARS)) {
            throw new AssertionError("no Kafka broker in " + JARS.toAbsolutePath()
                    + "; the build copies it there (mvn generate-test-resources -pl it-tests -am)");
        }
        try {
            folder = Files.createTempDirectory("replicator-kafka-");
            settings();
            Process format = java(
                    "kafka.tools.StorageTool",
                    "format",
                    "-t",
                    "MkU3OEVBNTcwNTJENDM2Qk",
                    "-c",
                    folder.resolve("server.properties").toString());
            if (format.waitFor() != 0) {
                throw new AssertionError(Files.readString(folder.resolve("server.log")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        admin = Admin.create(Map.of("bootstrap.servers", brokers(), "default.api.timeout.ms", 60_000));
        restart();
    }

    private void settings() throws IOException {
        int controllerPort = FreePort.find();
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "process.roles", "broker,controller",
                "node.id", "1",
                "controller.quorum.voters", "1@127.0.0.1:" + controllerPort,
                "controller.listener.names", "CONTROLLER",
                "listeners",
                        "PLAINTEXT://127.0.0.1:" + port + ",SASL://127.0.0.1:" + saslPort + ",CONTROLLER://127.0.0.1:"
                                + controllerPort,
                "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                "inter.broker.listener.name", "PLAINTEXT",
                "log.dirs", folder.resolve("data").toString()));
        settings.putAll(Map.of(
                "listener.name.sasl.sasl.enabled.mechanisms", "PLAIN",
                "listener.name.sasl.plain.sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                + " user_replicator=\"sec\\\"ret\";",
                "offsets.topic.replication.factor", "1",
                "transaction.state.log.replication.factor", "1",
                "transaction.state.log.min.isr", "1",
                "transaction.state.log.num.partitions", "2",
                "auto.create.topics.enable", "false",
                "transaction.abort.timed.out.transaction.cleanup.interval.ms", "200",
                "log.index.size.max.bytes", "65536"));
        try (java.io.Writer out = Files.newBufferedWriter(folder.resolve("server.properties"))) {
            settings.store(out, null);
        }
    }

    private Process java(String main, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                JARS.toAbsolutePath() + "/*",
                main));
        line.addAll(List.of(arguments));
        return new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
    }

    /** Starts it; also again, when it was killed. Returns when it answers. */
    void restart() {
        try {
            process = java("kafka.Kafka", folder.resolve("server.properties").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(ExecutionException.class)
                .until(() -> !admin.describeCluster().nodes().get().isEmpty());
    }

    String brokers() {
        return "127.0.0.1:" + port;
    }

    /** Brokers that ask for user and password. */
    String saslBrokers() {
        return "127.0.0.1:" + saslPort;
    }

    Admin admin() {
        return admin;
    }

    /** Without any topic. */
    ContractServer.Place fresh() {
        topics().forEach(this::delete);
        return new ContractServer.Place("kafka://" + brokers(), null, null);
    }

    private Set<String> topics() {
        try {
            return admin.listTopics().names().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns when the topic is gone. */
    void delete(String topic) {
        try {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(10))
                .until(() -> !topics().contains(topic));
    }

    /** SIGKILL. */
    void kill() {
        Killed.hard(process);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
        kill();
        UnpackedJar.delete(folder);
    }
}
