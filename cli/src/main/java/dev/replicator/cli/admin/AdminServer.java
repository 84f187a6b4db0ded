package dev.replicator.cli.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.replicator.cli.config.AdminSpec;
import dev.replicator.cli.status.StatusJson;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Lsn;
import dev.replicator.model.Secret;
import dev.replicator.model.TableName;
import dev.replicator.observe.SyncStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the admin API of this process: {@code GET /status}, {@code /health}, {@code /metrics}, {@code POST
 * /syncs/{sync}/pause|resume|kick|fullcopy|wait|explain|restart|release}, {@code POST /reload}, {@code POST
 * /databases/{database}/detach|attach}. Every request must present the token.
 *
 * <p>Limits: at most {@value #THREADS} requests at a time, bodies of at most {@value #BODY_BYTES} bytes. Threads: its own.
 */
public final class AdminServer implements AutoCloseable {
    /** Says that it is this program that answers. */
    static final String HEADER = "Replicator-Admin";

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final int THREADS = 32;
    private static final int BODY_BYTES = 64 * 1024;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads;
    private final Secret token;
    private final RunningSyncs syncs;
    private final MetricsPage metrics;
    private final @Nullable Path announced;

    private AdminServer(HttpServer server, Secret token, RunningSyncs syncs, AdminPlace place) {
        this.server = server;
        this.token = token;
        this.syncs = syncs;
        this.metrics = new MetricsPage(syncs);
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(0, THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), runnable -> {
            Thread thread = new Thread(runnable, "admin-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        this.announced = place.announce(address(), token.reveal());
    }

    /** Starts it as configured; null when the configuration says none. */
    public static @Nullable AdminServer start(AdminSpec spec, AdminPlace place, RunningSyncs syncs) {
        if (spec.place() == AdminSpec.Place.NONE) {
            return null;
        }
        Secret token = spec.token() == null ? new Secret(randomToken()) : spec.token();
        try {
            InetSocketAddress address = spec.place() == AdminSpec.Place.ADDRESS
                    ? new InetSocketAddress(spec.host(), spec.port())
                    : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            HttpServer server = HttpServer.create(address, 0);
            return new AdminServer(server, token, syncs, place);
        } catch (IOException | IllegalArgumentException e) {
            throw new ReplicatorException(
                    ReplicatorException.Kind.FATAL,
                    ErrorCode.ADMIN,
                    "cannot serve the admin API"
                            + (spec.host().isEmpty() ? "" : " on " + spec.host() + ":" + spec.port()),
                    e.getMessage(),
                    "Change admin.listen, or end the process that uses the port.",
                    e);
        }
    }

    private static String randomToken() {
        byte[] bytes = new byte[24];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** {@code http://host:port}, where this machine reaches it. */
    public String address() {
        InetSocketAddress address = server.getAddress();
        InetAddress host =
                address.getAddress().isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : address.getAddress();
        String text = host.getHostAddress();
        return "http://" + (text.contains(":") ? "[" + text + "]" : text) + ":" + address.getPort();
    }

    @Override
    public void close() {
        if (announced != null) {
            try {
                Files.deleteIfExists(announced);
            } catch (IOException e) {
                LOG.debug("could not delete {}", announced, e);
            }
        }
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set(HEADER, "1");
            try {
                answer(exchange);
            } catch (ReplicatorException e) {
                int status = e.code() == ErrorCode.USAGE ? 404 : e.code() == ErrorCode.TIMEOUT ? 408 : 409;
                send(exchange, status, "application/json", JSON.writeValueAsBytes(error(e)));
            } catch (RuntimeException e) {
                LOG.error(
                        "the admin API could not answer {}",
                        exchange.getRequestURI().getPath(),
                        e);
                ReplicatorException bug = ReplicatorException.bug("the admin API could not answer", e.toString());
                send(exchange, 500, "application/json", JSON.writeValueAsBytes(error(bug)));
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        if (!isAuthorized(exchange)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            send(exchange, 401, "text/plain", "a valid token is required\n".getBytes(StandardCharsets.UTF_8));
            return;
        }
        String path = exchange.getRequestURI().getPath();
        String[] parts = path.split("/");
        boolean command = parts.length == 4 && parts[1].equals("syncs");
        String method = exchange.getRequestMethod();
        boolean ofDatabase = parts.length == 4 && parts[1].equals("databases");
        boolean reload = path.equals("/reload");
        if (!method.equals(command || ofDatabase || reload ? "POST" : "GET")) {
            send(exchange, 405, "text/plain", "method not allowed\n".getBytes(StandardCharsets.UTF_8));
        } else if (ofDatabase && (parts[3].equals("detach") || parts[3].equals("attach"))) {
            List<String> done = parts[3].equals("detach") ? syncs.detach(parts[2]) : syncs.attach(parts[2]);
            send(exchange, 200, "application/json", JSON.writeValueAsBytes(done));
        } else if (reload) {
            send(exchange, 200, "application/json", JSON.writeValueAsBytes(reload(exchange)));
        } else if (command) {
            command(exchange, parts[2], parts[3]);
        } else {
            switch (path) {
                case "/status" -> sendStatus(exchange);
                case "/health" -> sendHealth(exchange);
                case "/metrics" ->
                    send(
                            exchange,
                            200,
                            "text/plain; version=0.0.4; charset=utf-8",
                            metrics.text().getBytes(StandardCharsets.UTF_8));
                default -> send(exchange, 404, "text/plain", "not found\n".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private boolean isAuthorized(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header != null
                && MessageDigest.isEqual(
                        header.getBytes(StandardCharsets.UTF_8),
                        ("Bearer " + token.reveal()).getBytes(StandardCharsets.UTF_8));
    }

    private void sendStatus(HttpExchange exchange) throws IOException {
        ObjectNode status = StatusJson.write(true, syncs.status());
        status.put("pid", ProcessHandle.current().pid());
        send(exchange, 200, "application/json", JSON.writeValueAsBytes(status));
    }

    private void sendHealth(HttpExchange exchange) throws IOException {
        List<String> reasons = syncs.status().stream()
                .filter(sync -> !sync.isHealthy())
                .flatMap(AdminServer::reasons)
                .toList();
        String text = reasons.isEmpty() ? "healthy\n" : String.join("\n", reasons) + "\n";
        send(
                exchange,
                reasons.isEmpty() ? 200 : 503,
                "text/plain; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8));
    }

    private static java.util.stream.Stream<String> reasons(SyncStatus sync) {
        return sync.databases().stream()
                .filter(database -> !database.isHealthy())
                .map(database -> "sync \"" + sync.sync() + "\", database \"" + database.database() + "\": "
                        + (database.lastError() == null
                                ? "not running"
                                : database.lastError().primary()));
    }

    private void command(HttpExchange exchange, String sync, String command) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES);
        JsonNode options = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        Duration limit = Duration.ofMillis(options.path("limit_millis").asLong(60_000));
        switch (command) {
            case "explain" -> {
                send(exchange, 200, "application/json", JSON.writeValueAsBytes(explanation(sync, options)));
                return;
            }
            case "pause" -> syncs.pause(sync);
            case "resume" -> syncs.resume(sync);
            case "restart" -> syncs.restart(sync);
            case "release" -> syncs.release(sync);
            case "kick" -> syncs.kick(sync, limit);
            case "fullcopy" -> syncs.copyWhole(sync, limit);
            case "wait" -> syncs.await(sync, positions(options.path("positions")), limit);
            default -> {
                send(exchange, 404, "text/plain", "not found\n".getBytes(StandardCharsets.UTF_8));
                return;
            }
        }
        send(exchange, 200, "application/json", "{}".getBytes(StandardCharsets.UTF_8));
    }

    private JsonNode reload(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES);
        boolean apply = body.length == 0 || !JSON.readTree(body).path("dry_run").asBoolean();
        return JSON.valueToTree(syncs.reload(apply));
    }

    private ObjectNode explanation(String sync, JsonNode options) {
        Map<String, String> key = new LinkedHashMap<>();
        options.path("key")
                .properties()
                .forEach(entry -> key.put(entry.getKey(), entry.getValue().asText()));
        TableName table = new TableName(
                options.path("schema").asText(), options.path("table").asText());
        return ExplanationJson.write(syncs.explain(sync, table, key));
    }

    private static @Nullable Map<String, Long> positions(JsonNode node) {
        if (!node.isObject()) {
            return null;
        }
        Map<String, Long> positions = new TreeMap<>();
        node.properties().forEach(entry -> {
            try {
                positions.put(
                        entry.getKey(), Lsn.parse(entry.getValue().asText()).value());
            } catch (IllegalArgumentException e) {
                throw ReplicatorException.fatal(ErrorCode.USAGE, String.valueOf(e.getMessage()), null, null);
            }
        });
        return positions;
    }

    static ObjectNode error(ReplicatorException e) {
        ObjectNode node = JSON.createObjectNode();
        node.put("kind", e.kind().name());
        node.put("code", e.code().name());
        node.put("primary", e.primary());
        node.put("detail", e.detail());
        node.put("hint", e.hint());
        node.put("context", e.context());
        return node;
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }
}
