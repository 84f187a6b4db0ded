package dev.replicator.redis;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code redis://host:port/database}, with {@code rediss} for TLS; {@code valkey} and {@code valkeys} mean the same.
 *
 * @param database number of the database within the server
 * @param tls whether the connection is encrypted, and the server's certificate checked
 */
record RedisUrl(String host, int port, int database, boolean tls) {
    static final Set<String> SCHEMES = Set.of("redis", "rediss", "valkey", "valkeys");
    private static final Set<String> ENCRYPTED = Set.of("rediss", "valkeys");
    private static final int PORT = 6379;

    /** Why it is none, as a sentence; null if it is one. */
    static @Nullable String problemOf(String url) {
        try {
            URI uri = new URI(url);
            boolean good =
                    uri.getHost() != null && uri.getQuery() == null && path(uri).matches("/?|/[0-9]{1,5}");
            return good ? null : "It has to be redis://HOST[:PORT][/DATABASE], DATABASE being a number, or rediss://.";
        } catch (URISyntaxException e) {
            return "It is no URL: " + e.getReason() + ".";
        }
    }

    private static String path(URI uri) {
        return uri.getPath() == null ? "" : uri.getPath();
    }

    static RedisUrl parse(String url) {
        URI uri = URI.create(url);
        String database = path(uri).replace("/", "");
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("it has no host");
        }
        return new RedisUrl(
                host,
                uri.getPort() < 0 ? PORT : uri.getPort(),
                database.isEmpty() ? 0 : Integer.parseInt(database),
                ENCRYPTED.contains(uri.getScheme()));
    }
}
