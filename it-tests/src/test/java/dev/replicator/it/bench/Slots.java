package dev.replicator.it.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Who reads from replication slots. */
final class Slots {
    private static final long PAUSE_NANOS = 500_000;

    private Slots() {}

    static void awaitActive(Cluster cluster, String slotPattern) {
        await(cluster, slotPattern, true);
    }

    static void awaitFree(Cluster cluster, String slotPattern) {
        await(cluster, slotPattern, false);
    }

    /** Until the source may forget everything up to the position, so that the next start does not read it again. */
    static void awaitConfirmed(Cluster cluster, String slotPattern, String position) {
        String ask = "SELECT 1 FROM pg_replication_slots WHERE slot_name LIKE '" + slotPattern
                + "' AND confirmed_flush_lsn >= '" + position + "'";
        Waiting.until(
                () -> cluster.ask("postgres", ask) != null, "replication slot " + slotPattern + " is past " + position);
    }

    private static void await(Cluster cluster, String pattern, boolean active) {
        try (Connection connection = cluster.connect("postgres");
                PreparedStatement ask = connection.prepareStatement(
                        "SELECT 1 FROM pg_replication_slots WHERE slot_name LIKE ? AND active AND NOT temporary")) {
            ask.setString(1, pattern);
            Waiting.until(
                    () -> any(ask) == active,
                    "replication slot " + pattern + (active ? " is in use" : " is free"),
                    PAUSE_NANOS);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean any(PreparedStatement ask) {
        try (ResultSet row = ask.executeQuery()) {
            return row.next();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
