package dev.replicator.opensearch;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The base of a cluster's REST interface: {@code https://host:port}, and a path where a proxy stands before it. */
record RestUrl(String base) {
    static final Set<String> SCHEMES = Set.of("http", "https");

    private static final int PORT = 9200;

    /** Why it is none, as a sentence; null if it is one. */
    static @Nullable String problemOf(String url) {
        try {
            URI uri = new URI(url);
            boolean good = uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
            return good ? null : "It has to be https://HOST[:PORT][/PATH], or http://, of an OpenSearch cluster.";
        } catch (URISyntaxException e) {
            return "It is no URL: " + e.getReason() + ".";
        }
    }

    /** Of a URL without {@link #problemOf problem}; without a port it is 9200. */
    static RestUrl parse(String url) {
        URI uri = URI.create(url);
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("/+$", "");
        int port = uri.getPort() < 0 ? PORT : uri.getPort();
        return new RestUrl(uri.getScheme() + "://" + uri.getHost() + ":" + port + path);
    }

    /** {@code path}: begins with a slash, its parts {@link #part encoded}. */
    URI of(String path) {
        return URI.create(base + path);
    }

    static String part(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
