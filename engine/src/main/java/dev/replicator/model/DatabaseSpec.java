package dev.replicator.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One configured database.
 *
 * @param name its short name in the configuration
 * @param kind which connector serves it: {@code postgres}, ...
 * @param url the connection URL without any password, as a JDBC URL for SQL databases
 * @param user user name, or null for the driver's default
 * @param password password, or null (pgpass, peer, certificate)
 * @param options further driver properties
 */
public record DatabaseSpec(
        String name,
        String kind,
        String url,
        @Nullable String user,
        @Nullable Secret password,
        Map<String, String> options) {
    public DatabaseSpec {
        options = Map.copyOf(options);
    }
}
