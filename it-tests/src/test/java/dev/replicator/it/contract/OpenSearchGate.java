package dev.replicator.it.contract;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A proxy before an OpenSearch node, as those stand before them that have no access control of their own: it speaks TLS with a
 * certificate of its own, asks for an {@code Authorization}, and holds requests off where it is told to be busy.
 */
final class OpenSearchGate implements AutoCloseable {
    private static final String PASSWORD = "changeit";

    private final HttpsServer gate;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final OpenSearchServer server;
    private final String authorization;
    private final Path folder;
    private final AtomicInteger busy = new AtomicInteger();

    /** {@code authorization}: the whole header. */
    OpenSearchGate(OpenSearchServer server, String authorization, Path folder) {
        this.server = server;
        this.authorization = authorization;
        this.folder = folder;
        try {
            gate = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            gate.setHttpsConfigurator(new HttpsConfigurator(context()));
            gate.createContext("/search", this::pass);
            gate.start();
        } catch (IOException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private SSLContext context() throws IOException, GeneralSecurityException {
        Path store = folder.resolve("gate.p12");
        if (Files.notExists(store)) {
            keytool("-genkeypair", store, "-dname", "CN=gate", "-ext", "san=ip:127.0.0.1", "-keyalg", "EC");
            keytool("-exportcert", store, "-rfc", "-file", authority().toString());
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static void keytool(String command, Path store, String... more) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                command,
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD,
                "-alias",
                "gate"));
        line.addAll(List.of(more));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(said);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Its certificate. */
    Path authority() {
        return folder.resolve("gate.pem");
    }

    String url() {
        return "https://127.0.0.1:" + gate.getAddress().getPort() + "/search/";
    }

    /** The next so many requests that write are held off. */
    void busy(int requests) {
        busy.set(requests);
    }

    /** How many of them are left. */
    int busyLeft() {
        return busy.get();
    }

    private void pass(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString().substring("/search".length());
        byte[] body = exchange.getRequestBody().readAllBytes();
        if (!authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 401, new byte[0]);
        } else if (path.startsWith("/_bulk") && busy.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            answer(exchange, 429, new byte[0]);
        } else {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path))
                    .method(exchange.getRequestMethod(), BodyPublishers.ofByteArray(body));
            String type = exchange.getRequestHeaders().getFirst("Content-Type");
            if (type != null) {
                request.header("Content-Type", type);
            }
            try {
                HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
                answer(exchange, response.statusCode(), response.body());
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        gate.stop(0);
    }
}
