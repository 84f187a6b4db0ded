package dev.replicator.mongodb;

import com.mongodb.ConnectionString;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Secret;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** MongoDB's connection strings, which this program keeps without user and password. */
final class MongoUrl {
    private static final String SRV = "mongodb+srv:";

    private MongoUrl() {}

    /** Why one cannot be used; null if it can. */
    static @Nullable String problemOf(String url) {
        try {
            // The rest of a SRV connection string is in the domain name system: it is not asked before a session is
            // opened.
            boolean named = url.startsWith(SRV)
                    ? url.matches("mongodb\\+srv://[^/]+/[^?]+(\\?.*)?")
                    : new ConnectionString(url).getDatabase() != null;
            return named ? null : "It has to name a database: mongodb://HOST[:PORT][,...]/DATABASE[?replicaSet=NAME].";
        } catch (IllegalArgumentException e) {
            return "It is no connection string of MongoDB.";
        }
    }

    /** With user and password, as the driver wants it: what the parameters say of authentication concerns them. */
    static ConnectionString of(DatabaseSpec database) {
        String user = database.user();
        if (user == null) {
            return new ConnectionString(database.url());
        }
        Secret password = database.password();
        String both = encoded(user) + (password == null ? "" : ":" + encoded(password.reveal()));
        int host = database.url().indexOf("://") + "://".length();
        return new ConnectionString(
                database.url().substring(0, host) + both + "@" + database.url().substring(host));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
