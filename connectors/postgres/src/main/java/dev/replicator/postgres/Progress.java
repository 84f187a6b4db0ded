package dev.replicator.postgres;

import dev.replicator.model.Batch;
import dev.replicator.model.Lsn;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The progress row of one sync, as its one writer knows it: nobody else can change it while this session holds the fence.
 *
 * <p>Thread: the target's.
 */
final class Progress {
    private static final String READ = "SELECT last_fence, last_batch FROM replicator.progress WHERE sync = ?";
    private static final String READ_HELD = "SELECT e.key, e.value FROM replicator.progress p "
            + "CROSS JOIN LATERAL pg_catalog.jsonb_each_text(p.held) e WHERE p.sync = ?";
    private static final String STATES = "(SELECT s.key, s.value FROM replicator.progress p "
            + "CROSS JOIN LATERAL pg_catalog.jsonb_each(p.states) s WHERE p.sync = ?)";
    private static final String OWN_STATE = "(SELECT sync AS key, state AS value FROM replicator.state WHERE sync = ?)";
    static final String UPDATE = "UPDATE replicator.progress SET held = ?::jsonb, last_fence = ?, last_batch = ?, "
            + "states = ?::jsonb, updated_at = pg_catalog.clock_timestamp() WHERE sync = ?";
    /** Most batches bring no states, which may be large. */
    static final String UPDATE_HELD = "UPDATE replicator.progress SET held = ?::jsonb, last_fence = ?, last_batch = ?, "
            + "updated_at = pg_catalog.clock_timestamp() WHERE sync = ?";

    private final String sync;
    private final List<String> sources;
    private long lastFence;
    private long lastBatch;
    private Positions held;
    private final SourceState[] states;
    private SourceState ownState;
    private @Nullable Before before;
    private boolean news;

    /** What stood here before the batch taken in last. */
    private record Before(Positions held, SourceState[] states, long lastFence, long lastBatch) {}

    private Progress(String sync, List<String> sources) {
        this.sync = sync;
        this.sources = sources;
        this.held = Positions.zero(sources.size());
        this.states = new SourceState[sources.size()];
        Arrays.fill(states, SourceState.none(sources.size()));
        this.ownState = SourceState.none(sources.size());
    }

    /** Reads it; only after the fence has been taken. */
    static Progress read(Connection connection, String sync, List<String> sources) throws SQLException {
        Progress progress = new Progress(sync, sources);
        try (PreparedStatement select = connection.prepareStatement(READ)) {
            select.setString(1, sync);
            ResultSet row = select.executeQuery();
            if (row.next()) {
                progress.lastFence = row.getLong(1);
                progress.lastBatch = row.getLong(2);
            }
        }
        try (PreparedStatement select = connection.prepareStatement(READ_HELD)) {
            select.setString(1, sync);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                progress.held = progress.raise(progress.held, rows.getString(1), rows.getString(2));
            }
        }
        progress.readStates(connection);
        progress.ownState = progress.readStates(connection, OWN_STATE, sync);
        return progress;
    }

    private void readStates(Connection connection) throws SQLException {
        for (int i = 0; i < states.length; i++) {
            states[i] = readStates(connection, STATES, sources.get(i));
        }
    }

    /** The state under {@code key} among what {@code from} selects. */
    private SourceState readStates(Connection connection, String from, String key) throws SQLException {
        long position = 0;
        long highest = 0;
        MarkNumber lastMark = MarkNumber.NONE;
        Resume resume = null;
        Positions stateHeld = Positions.zero(sources.size());
        Positions done = Positions.zero(sources.size());
        String sql = "SELECT s.value->>'position', s.value->>'highest', v.part, e.key, e.value, "
                + "s.value->'mark'->>0, s.value->'mark'->>1, s.value->'resume'->>'place', s.value->'resume'->>'context' FROM "
                + from
                + " s CROSS JOIN (VALUES ('held'), ('done')) v (part)"
                + " LEFT JOIN LATERAL pg_catalog.jsonb_each_text(s.value->v.part) e ON true WHERE s.key = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, sync);
            select.setString(2, key);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                position = Lsn.parse(rows.getString(1)).value();
                highest = rows.getLong(2);
                lastMark = new MarkNumber(rows.getLong(6), rows.getLong(7));
                String place = rows.getString(8);
                resume = place == null ? null : new Resume(place, rows.getString(9));
                if (rows.getString(4) != null && rows.getString(3).equals("held")) {
                    stateHeld = raise(stateHeld, rows.getString(4), rows.getString(5));
                } else if (rows.getString(4) != null) {
                    done = raise(done, rows.getString(4), rows.getString(5));
                }
            }
        }
        return new SourceState(position, highest, stateHeld, lastMark, done, resume);
    }

    private Positions raise(Positions positions, String source, String position) {
        int at = sources.indexOf(source);
        return at < 0 ? positions : positions.raise(at, Lsn.parse(position).value());
    }

    Positions held() {
        return held;
    }

    long lastFence() {
        return lastFence;
    }

    long lastBatch() {
        return lastBatch;
    }

    List<SourceState> states() {
        return List.of(states);
    }

    SourceState ownState() {
        return ownState;
    }

    /** Takes in what the batch brings; what is committed with it follows from {@link #update}. */
    void join(Batch batch, long fence) {
        before = new Before(held, states.clone(), lastFence, lastBatch);
        held = held.join(batch.held());
        for (int i = 0; i < Math.min(states.length, batch.states().size()); i++) {
            @Nullable SourceState news = batch.states().get(i);
            states[i] = Vectors.later(states[i], news);
        }
        news = !batch.states().isEmpty();
        lastFence = fence;
        lastBatch = batch.number();
    }

    /** The batch taken in last was rolled back: what it brought is not there. */
    void rolledBack() {
        if (before != null) {
            held = before.held;
            System.arraycopy(before.states, 0, states, 0, states.length);
            lastFence = before.lastFence;
            lastBatch = before.lastBatch;
            before = null;
        }
    }

    /** Adds the statement that stores it. */
    void update(Script script) {
        Parameter heldNow = Parameter.text(Vectors.json(sources, held));
        Parameter fence = Parameter.int8(lastFence);
        Parameter batch = Parameter.int8(lastBatch);
        if (news) {
            script.add(
                    UPDATE, heldNow, fence, batch, Parameter.text(Vectors.json(sources, states)), Parameter.text(sync));
        } else {
            script.add(UPDATE_HELD, heldNow, fence, batch, Parameter.text(sync));
        }
    }
}
