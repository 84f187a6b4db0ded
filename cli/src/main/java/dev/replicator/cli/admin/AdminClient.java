package dev.replicator.cli.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.cli.status.StatusJson;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Lsn;
import dev.replicator.model.TableName;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SyncStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Talks to the running process from a command. Failures of the other side arrive as if they had happened here. */
public final class AdminClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final AdminPlace.Address address;

    private AdminClient(AdminPlace.Address address) {
        this.address = address;
    }

    /**
     * The process that runs the syncs of this place; of several the one that does not stand by for another. Empty when none
     * answers.
     */
    public static Optional<AdminClient> find(AdminPlace place) {
        AdminClient standby = null;
        for (AdminPlace.Address address : place.find()) {
            AdminClient client = new AdminClient(address);
            List<SyncStatus> status = client.statusOrNull();
            if (status != null && !isStandby(status)) {
                return Optional.of(client);
            }
            if (status != null) {
                standby = client;
            }
        }
        return Optional.ofNullable(standby);
    }

    private static boolean isStandby(List<SyncStatus> syncs) {
        return syncs.stream()
                .flatMap(sync -> sync.databases().stream())
                .allMatch(database ->
                        database.source() == null || database.source().state() == State.STANDBY);
    }

    private @Nullable List<SyncStatus> statusOrNull() {
        try {
            HttpResponse<String> response =
                    http.send(request("/status", ANSWER).GET().build(), HttpResponse.BodyHandlers.ofString());
            boolean ours = response.headers().firstValue(AdminServer.HEADER).isPresent();
            return ours && response.statusCode() == 200 ? StatusJson.read(JSON.readTree(response.body())) : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    public long pid() {
        return address.pid();
    }

    public List<SyncStatus> status() {
        return StatusJson.read(send(request("/status", ANSWER).GET().build()));
    }

    /** Has the process read its configuration file again; says what is otherwise, without {@code apply} only that. */
    public List<SyncChange> reload(boolean apply, Duration limit) {
        ObjectNode options = JSON.createObjectNode().put("dry_run", !apply);
        JsonNode changes = send(request("/reload", limit)
                .POST(HttpRequest.BodyPublishers.ofString(options.toString()))
                .build());
        return JSON.convertValue(changes, new TypeReference<List<SyncChange>>() {});
    }

    /** {@code command}: detach or attach. Says what was done. */
    public List<String> database(String database, String command, Duration limit) {
        JsonNode done = send(request("/databases/" + database + "/" + command, limit)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        return JSON.convertValue(done, new TypeReference<List<String>>() {});
    }

    public void pause(String sync, Duration limit) {
        JsonNode unused = command(sync, "pause", JSON.createObjectNode(), limit);
    }

    public void resume(String sync) {
        JsonNode unused = command(sync, "resume", JSON.createObjectNode(), ANSWER);
    }

    /** Has a sync end and begin again where the databases stand. */
    public void restart(String sync, Duration limit) {
        JsonNode unused = command(sync, "restart", JSON.createObjectNode(), limit);
    }

    /** Has the process let a sync go for good, so that it can be taken off its databases. */
    public void release(String sync, Duration limit) {
        JsonNode unused = command(sync, "release", JSON.createObjectNode(), limit);
    }

    public void kick(String sync, Duration limit) {
        JsonNode unused = command(sync, "kick", JSON.createObjectNode(), limit);
    }

    /** Returns when the tables have been copied whole to the databases that are configured for that. */
    public void copyWhole(String sync, Duration limit) {
        JsonNode unused = command(sync, "fullcopy", JSON.createObjectNode(), limit);
    }

    /** {@code positions} by database; null: now. */
    public void await(String sync, @Nullable Map<String, Lsn> positions, Duration limit) {
        ObjectNode options = JSON.createObjectNode();
        if (positions != null) {
            ObjectNode node = options.putObject("positions");
            positions.forEach((database, lsn) -> node.put(database, lsn.toString()));
        }
        JsonNode unused = command(sync, "wait", options, limit);
    }

    /** What the process knows of a row's open changes. */
    public JsonNode explain(String sync, TableName table, Map<String, String> key) {
        ObjectNode options = JSON.createObjectNode();
        options.put("schema", table.schema()).put("table", table.name());
        key.forEach(options.putObject("key")::put);
        return command(sync, "explain", options, ANSWER);
    }

    private JsonNode command(String sync, String command, ObjectNode options, Duration limit) {
        options.put("limit_millis", limit.toMillis());
        return send(request("/syncs/" + sync + "/" + command, limit.plus(ANSWER))
                .POST(HttpRequest.BodyPublishers.ofString(options.toString()))
                .build());
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        return HttpRequest.newBuilder(URI.create(address.address() + path))
                .header("Authorization", "Bearer " + address.token())
                .timeout(timeout);
    }

    private JsonNode send(HttpRequest request) {
        HttpResponse<String> response;
        try {
            response = http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.RETRYABLE,
                    ErrorCode.ADMIN,
                    "could not talk to the running process at " + address,
                    e.getClass().getSimpleName() + ": " + e.getMessage(),
                    null,
                    e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        try {
            JsonNode body = JSON.readTree(response.body());
            if (response.statusCode() == 200) {
                return body;
            }
            throw failure(body);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.ADMIN,
                    "cannot understand the running process at " + address,
                    "It answered with HTTP status " + response.statusCode() + ".",
                    "Is it of another version? Restart it.",
                    e);
        }
    }

    private static ReplicatorException failure(JsonNode body) {
        ReplicatorException failure = new ReplicatorException(
                ReplicatorException.Kind.valueOf(body.path("kind").asText()),
                ErrorCode.valueOf(body.path("code").asText()),
                body.path("primary").asText(),
                body.path("detail").textValue(),
                body.path("hint").textValue(),
                null);
        String context = body.path("context").textValue();
        return context == null ? failure : failure.within(context);
    }

    private static ReplicatorException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return ReplicatorException.retryable(ErrorCode.ADMIN, "could not wait: interrupted", null, e);
    }
}
