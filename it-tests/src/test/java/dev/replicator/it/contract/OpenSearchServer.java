package dev.replicator.it.contract;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.replicator.embedded.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A real OpenSearch node in a JVM of its own, made of what the build has laid into a folder. */
final class OpenSearchServer implements AutoCloseable {
    private static final Path LIBRARIES =
            Path.of(System.getProperty("replicator.it.opensearch", "opensearch-server/target/server"));
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final Path folder;
    private final int port = FreePort.find();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private @Nullable Process process;

    OpenSearchServer() {
        try {
            // In memory where that can be had: a kill takes nothing away that was written to files.
            folder = Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "replicator-opensearch-")
                    : Files.createTempDirectory("replicator-opensearch-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        restart();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Starts it; also again, when it was killed. Returns when it has all its shards. */
    void restart() {
        List<String> line = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                LIBRARIES + "/*",
                "dev.replicator.it.opensearch.OpenSearchNode",
                folder.toString(),
                String.valueOf(port));
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
                .pollInterval(Duration.ofMillis(50))
                .until(this::isReady);
    }

    private boolean isReady() throws IOException {
        if (process == null || !process.isAlive()) {
            throw new AssertionError(Files.readString(folder.resolve("server.log")));
        }
        try {
            JsonNode health = ask("GET", "/_cluster/health", "");
            return !health.path("status").asText("red").equals("red")
                    && health.path("initializing_shards").asInt() == 0;
        } catch (UncheckedIOException e) {
            // Nobody listens yet.
            return false;
        }
    }

    /** {@code body}: JSON, or empty. What it answers, also if that is an error. */
    JsonNode ask(String method, String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
            return exact(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** With all digits of its numbers. */
    static JsonNode exact(byte[] json) throws IOException {
        return JSON.readTree(json);
    }

    /** Removes all indices. */
    void empty() {
        ask("DELETE", "/*", "");
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
