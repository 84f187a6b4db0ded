package dev.replicator.session;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Where a database is, for messages: never its user, options or password.
 *
 * @param hosts {@code host:port}, several separated by commas
 * @param database the database's name on the server
 */
public record Endpoint(String hosts, String database) {

    /** Reads the URL; throws CONFIGURATION, without repeating the URL, when it is not one of PostgreSQL's. */
    public static Endpoint of(DatabaseSpec spec) {
        Properties parsed = properties(spec);
        String[] hosts = property(parsed, PGProperty.PG_HOST, "localhost").split(",", -1);
        String[] ports = property(parsed, PGProperty.PG_PORT, "5432").split(",", -1);
        List<String> places = new ArrayList<>();
        for (int i = 0; i < hosts.length; i++) {
            places.add(hosts[i] + ":" + ports[Math.min(i, ports.length - 1)]);
        }
        return new Endpoint(String.join(",", places), property(parsed, PGProperty.PG_DBNAME, ""));
    }

    /** Everything the URL says, as properties of the driver. */
    static Properties properties(DatabaseSpec spec) {
        @Nullable Properties parsed = Driver.parseURL(spec.url(), new Properties());
        if (parsed == null) {
            throw ReplicatorException.fatal(
                    ErrorCode.CONFIGURATION,
                    "cannot read the connection URL of database \"" + spec.name() + "\"",
                    null,
                    "Write it as postgresql://host:port/database.");
        }
        // What the password file has for the URL's user is not the password of the configured one.
        parsed.remove(PGProperty.PASSWORD.getName());
        return parsed;
    }

    private static String property(Properties parsed, PGProperty property, String otherwise) {
        String value = parsed.getProperty(property.getName());
        return value == null || value.isEmpty() ? otherwise : value;
    }

    @Override
    public String toString() {
        return hosts + "/" + database;
    }
}
