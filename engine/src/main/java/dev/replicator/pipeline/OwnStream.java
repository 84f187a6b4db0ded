package dev.replicator.pipeline;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Slot;
import dev.replicator.slot.Slots;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Tells one's own stream from another process's: after a connection broke, the server may not have noticed yet and still
 * hold the slot for us. Such a stream is ended and is no reason to stand by.
 *
 * @param connection an ordinary session on the source
 * @param pid the server process that streamed to us last; kept over connections
 */
record OwnStream(Connection connection, String database, AtomicInteger pid) {

    boolean holds(Slot slot) {
        return slot.isActive() && slot.activePid() == pid.get();
    }

    /** The stream on this slot has been opened. */
    void opened(String slotName) {
        new Slots(connection, database).find(slotName).ifPresent(slot -> pid.set(slot.activePid()));
    }

    /** Ends what is left of our last stream, if anything is; then fails, so that it is tried again. */
    void endLeftover(Optional<Slot> found) {
        if (found.isEmpty() || !holds(found.get())) {
            return;
        }
        try (PreparedStatement end = connection.prepareStatement("SELECT pg_catalog.pg_terminate_backend(?)")) {
            end.setInt(1, pid.get());
            end.execute();
        } catch (SQLException e) {
            throw SqlErrors.doing("end the last stream from database \"" + database + "\"", e);
        }
        throw ReplicatorException.retryable(
                ErrorCode.CONNECTION,
                "could not stream from replication slot \"" + found.get().name() + "\" on database \"" + database
                        + "\"",
                "The server had not yet noticed that the last connection broke; it was told to end it.",
                null);
    }
}
