package dev.replicator.it.contract;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import dev.replicator.embedded.Account;
import dev.replicator.embedded.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/** A MongoDB server as a process, on loopback, under an account that is not root: alone, or a replica set of one. */
final class MongoProcess implements AutoCloseable {
    /** Its administrator, in the database admin. */
    static final String ADMINISTRATOR = "root:secret";

    private static final String SET = "it";

    private final Path folder;
    private final int port = FreePort.find();
    private final boolean replicated;
    private @Nullable Process process;

    MongoProcess(boolean replicated) {
        this.replicated = replicated;
        try {
            folder = Files.createTempDirectory("replicator-mongodb-");
            Path key = Files.writeString(folder.resolve("key"), "replicator+tests");
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
            Account.current().own(Files.createDirectory(folder.resolve("data")));
            Account.current().own(folder);
            Account.current().own(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
        if (replicated) {
            initiate();
        }
    }

    String host() {
        return "127.0.0.1:" + port;
    }

    private void start() {
        List<String> arguments = new ArrayList<>(List.of(
                "--dbpath",
                folder.resolve("data").toString(),
                "--port",
                String.valueOf(port),
                "--bind_ip",
                "127.0.0.1",
                "--nounixsocket",
                "--wiredTigerCacheSizeGB",
                "0.25",
                "--setParameter",
                "diagnosticDataCollectionEnabled=false",
                "--setParameter",
                "scramSHA256IterationCount=5000",
                // Whoever waits for a transaction to end by itself waits for longer than any test.
                "--setParameter",
                "transactionLifetimeLimitSeconds=3600"));
        if (replicated) {
            arguments.addAll(List.of("--replSet", SET, "--oplogSize", "128", "--keyFile", folder.resolve("key") + ""));
        }
        ProcessBuilder builder = new ProcessBuilder(Account.current().command(MongoProgram.program(), arguments))
                .redirectErrorStream(true)
                .redirectOutput(
                        folder.resolveSibling(folder.getFileName() + ".log").toFile());
        builder.environment().put("LD_LIBRARY_PATH", MongoProgram.libraries());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try (MongoClient client = connect()) {
            client.getDatabase("admin").runCommand(BsonDocument.parse("{ping: 1}"));
        }
    }

    /** Starts it again, when it was killed, and waits until it takes writes. */
    void restart() {
        start();
        try (MongoClient client = connect()) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> client.getDatabase("admin")
                            .runCommand(BsonDocument.parse("{hello: 1}"))
                            .getBoolean("isWritablePrimary"));
        }
    }

    private MongoClient connect() {
        return MongoClients.create("mongodb://" + host() + "/?directConnection=true");
    }

    /** While there is no user, whoever comes from this machine may do this. */
    private void initiate() {
        try (MongoClient client = connect()) {
            client.getDatabase("admin")
                    .runCommand(BsonDocument.parse(
                            "{replSetInitiate: {_id: '" + SET + "', members: [{_id: 0, host: '" + host() + "'}]}}"));
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    // It is no primary yet.
                    .ignoreExceptionsInstanceOf(MongoException.class)
                    .until(() -> {
                        client.getDatabase("admin")
                                .runCommand(
                                        BsonDocument.parse(
                                                "{createUser: 'root', pwd: 'secret', roles: ['root'], mechanisms: ['SCRAM-SHA-256']}"));
                        return true;
                    });
        }
    }

    /** SIGKILL. */
    void kill() {
        Killed.hard(process);
    }

    @Override
    public void close() {
        kill();
        UnpackedJar.delete(folder);
        boolean unused =
                folder.resolveSibling(folder.getFileName() + ".log").toFile().delete();
    }
}
