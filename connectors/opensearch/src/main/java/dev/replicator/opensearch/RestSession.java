package dev.replicator.opensearch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one cluster, one after the other. What the server answers is returned, whatever it is; what keeps it from
 * answering is thrown, retryable. A request is sent once.
 *
 * <p>Thread: one; {@link #close} may be called by another, and ends the request that is under way.
 */
final class RestSession implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    private final HttpClient client;
    private final RestUrl url;
    private final @Nullable String authorization;
    private final Duration timeout;
    private final String database;
    private volatile @Nullable CompletableFuture<HttpResponse<byte[]>> pending;
    private volatile boolean closed;

    RestSession(DatabaseSpec database, OpenSearchOptions options) {
        this.url = RestUrl.parse(database.url());
        this.timeout = options.timeout();
        this.database = database.name();
        this.authorization = authorization(database, options.apiKey());
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_LIMIT);
        if (!options.authorities().isEmpty()) {
            builder.sslContext(Authorities.trusting(options.authorities(), database.name()));
        }
        this.client = builder.build();
    }

    private static @Nullable String authorization(DatabaseSpec database, boolean apiKey) {
        Secret password = database.password();
        if (password == null) {
            return null;
        }
        if (apiKey) {
            return "ApiKey " + password.reveal();
        }
        String both = (database.user() == null ? "" : database.user()) + ":" + password.reveal();
        return "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8));
    }

    RestAnswer get(String path) {
        return send("GET", path, BodyPublishers.noBody(), null);
    }

    RestAnswer post(String path, @Nullable JsonNode body) {
        return send("POST", path, body);
    }

    RestAnswer put(String path, JsonNode body) {
        return send("PUT", path, body);
    }

    RestAnswer delete(String path, @Nullable JsonNode body) {
        return send("DELETE", path, body);
    }

    /** {@code lines}: of JSON, each with its end. */
    RestAnswer bulk(String path, byte[] lines) {
        return send("POST", path, BodyPublishers.ofByteArray(lines), "application/x-ndjson");
    }

    private RestAnswer send(String method, String path, @Nullable JsonNode body) {
        try {
            return body == null
                    ? send(method, path, BodyPublishers.noBody(), null)
                    : send(method, path, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)), "application/json");
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RestAnswer send(String method, String path, BodyPublisher body, @Nullable String type) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url.of(path)).timeout(timeout).method(method, body);
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        CompletableFuture<HttpResponse<byte[]>> sent = client.sendAsync(request.build(), BodyHandlers.ofByteArray());
        pending = sent;
        if (closed) {
            sent.cancel(true);
        }
        try {
            HttpResponse<byte[]> response = sent.get();
            return new RestAnswer(response.statusCode(), parse(response.body()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure && !closed) {
                throw RestErrors.of("ask database \"" + database + "\"", url, failure);
            }
            throw ended(e);
        } catch (CancellationException e) {
            throw ended(e);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw ended(e);
        }
    }

    private ReplicatorException ended(Exception e) {
        return ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not ask database \"" + database + "\"",
                closed
                        ? "The session was closed."
                        : "The request ended: " + e.getClass().getSimpleName() + ".",
                e);
    }

    private static JsonNode parse(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            // What stands before the cluster may answer in HTML; the status says enough.
            return MissingNode.getInstance();
        }
    }

    @Override
    public void close() {
        closed = true;
        CompletableFuture<HttpResponse<byte[]>> last = pending;
        if (last != null) {
            last.cancel(true);
        }
    }
}
