package dev.replicator.model;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * Names of what this program creates on servers. Slots and origins are cluster-wide, so they name sync and database and
 * end with a hash of both, exact; slot names allow only lower case letters, digits and underscores, 63 bytes.
 */
public final class ServerNames {
    /** The schema that holds everything stored in a database. */
    public static final String SCHEMA = "replicator";
    /** Prefix of the logical messages that carry marks. */
    public static final String MESSAGE_PREFIX = "replicator";
    /** What all cluster-wide names start with. */
    public static final String PREFIX = "replicator_";

    /** What follows the name of an origin, and then a number, for further sessions that copy rows. */
    public static final String COPY_ORIGIN = ".copy";

    private static final int MAX_BYTES = 63;

    private ServerNames() {}

    /** The slot on {@code database} for {@code sync}. */
    public static String slot(String sync, String database) {
        return cut(PREFIX + plain(sync) + "_" + plain(database), hash(sync + "\0" + database));
    }

    /** The replication origin under which batches are written to {@code database} for {@code sync}. */
    public static String origin(String sync, String database) {
        return slot(sync, database);
    }

    /** The publication of {@code sync}, the same name in each of its source databases. */
    public static String publication(String sync) {
        return cut(PREFIX + plain(sync), hash(sync));
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }

    private static String cut(String name, String hash) {
        int room = MAX_BYTES - hash.length() - 1;
        return (name.length() > room ? name.substring(0, room) : name) + "_" + hash;
    }

    private static String hash(String exact) {
        CRC32C crc = new CRC32C();
        crc.update(exact.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08x", crc.getValue());
    }
}
