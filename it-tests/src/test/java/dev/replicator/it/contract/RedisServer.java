package dev.replicator.it.contract;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** A Redis server from a jar of Maven Central, which flushes every command; a numbered database for each test. */
final class RedisServer implements AutoCloseable {
    private final Path folder;
    private final Path binary;
    private final int port;
    private @Nullable Process process;
    private int number;

    RedisServer() {
        binary = UnpackedJar.of("embedded-redis").resolve("redis-server-7.0.15-" + platform());
        try {
            folder = Files.createTempDirectory("replicator-redis-");
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    private static String platform() {
        String system = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
        return system + (System.getProperty("os.arch").equals("aarch64") ? "-arm64" : "-amd64");
    }

    /** Starts it; also again, when it was killed. */
    void restart() {
        boolean unused = binary.toFile().setExecutable(true);
        List<String> line = List.of(
                binary.toString(),
                "--port",
                String.valueOf(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                folder.toString(),
                "--databases",
                "64",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always");
        try {
            process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("server.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                // Nobody listens yet, or it still reads its file.
                .ignoreExceptionsInstanceOf(JedisException.class)
                .until(() -> {
                    try (Jedis jedis = new Jedis("127.0.0.1", port)) {
                        return jedis.ping().equals("PONG");
                    }
                });
    }

    /** An empty one of its databases. */
    ContractServer.Place fresh() {
        return new ContractServer.Place("redis://127.0.0.1:" + port + "/" + ++number, null, null);
    }

    Jedis connect(ContractServer.Place place) {
        Jedis jedis = new Jedis("127.0.0.1", port);
        jedis.select(Integer.parseInt(place.url().replaceFirst("^.*/", "")));
        return jedis;
    }

    /** SIGKILL. */
    void kill() {
        Killed.hard(process);
    }

    @Override
    public void close() {
        kill();
        UnpackedJar.delete(folder);
    }
}
