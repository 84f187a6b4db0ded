package dev.replicator.copy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.TablePattern;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings sequences of the sources to the databases that only receive, so that one of them can take over: there each is ahead
 * of all sources by a margin, of {@value #MARGIN} values when it is set. Sequences are not in the log of PostgreSQL's
 * logical decoding, so they are looked at now and then.
 *
 * <p>Guarantees: a sequence never goes back; where nothing moves, nothing is written. Thread: one. Source: PostgreSQL
 * documentation, "Sequence Manipulation Functions", pg_sequences.
 */
public final class SequenceCarrying {
    /** So many values ahead. */
    static final long MARGIN = 1000;

    private static final String VALUES =
            "SELECT schemaname, sequencename, last_value, increment_by, min_value, max_value"
                    + " FROM pg_catalog.pg_sequences WHERE last_value IS NOT NULL AND schemaname <> '"
                    + ServerNames.SCHEMA + "'";

    private final SyncSpec sync;
    private final Predicate<TableName> named;

    /** Of each sequence the furthest value at any source, at one moment. */
    public record Furthest(Map<TableName, Value> values) {
        public Furthest {
            values = Collections.unmodifiableMap(new TreeMap<>(values));
        }
    }

    /** How far a sequence is; {@code increment} has the direction. */
    record Value(long last, long increment, long min, long max) {
        boolean isBehind(Value other) {
            return increment > 0 ? last < other.last : last > other.last;
        }

        /** {@code values} further, but within the sequence's limits. */
        long ahead(long values) {
            return increment > 0
                    ? max - last < values * increment ? max : last + values * increment
                    : last - min < -values * increment ? min : last + values * increment;
        }
    }

    public SequenceCarrying(SyncSpec sync) {
        this.sync = sync;
        this.named = TablePattern.any(sync.sequences().names());
    }

    /** Sets those that are not far enough ahead at one target; returns how many. */
    public int carry(Furthest furthest, DatabaseSpec target) {
        int set = 0;
        List<TableName> missing = new ArrayList<>();
        try (Connection connection = Sessions.open(target, "replicator " + sync.name() + " sequences")) {
            for (Map.Entry<TableName, Value> entry : furthest.values().entrySet()) {
                @Nullable Boolean moved = set(connection, entry.getKey(), entry.getValue());
                if (moved == null) {
                    missing.add(entry.getKey());
                } else if (moved) {
                    set++;
                }
            }
        } catch (SQLException e) {
            throw SqlErrors.doing("set sequences of database \"" + target.name() + "\"", e);
        }
        if (!missing.isEmpty() && !sync.sequences().all()) {
            throw ReplicatorException.fatal(
                    ErrorCode.SCHEMA_DIFFERS,
                    "cannot set sequences of database \"" + target.name() + "\"",
                    "It has no sequence "
                            + String.join(
                                    ", ",
                                    missing.stream().map(TableName::quoted).toList()) + ".",
                    "Create it there, or take it off the list \"sequences\".");
        }
        return set;
    }

    /** Looks at the sources, all of them. */
    public Furthest furthest() {
        Map<TableName, Value> furthest = new TreeMap<>();
        for (DatabaseSpec source : sync.sources()) {
            try (Connection connection = Sessions.open(source, "replicator " + sync.name() + " sequences");
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(VALUES)) {
                while (row.next()) {
                    TableName name = new TableName(row.getString(1), row.getString(2));
                    if (isWanted(name)) {
                        Value value = new Value(row.getLong(3), row.getLong(4), row.getLong(5), row.getLong(6));
                        furthest.merge(name, value, (a, b) -> a.isBehind(b) ? b : a);
                    }
                }
            } catch (SQLException e) {
                throw SqlErrors.doing("read the sequences of database \"" + source.name() + "\"", e);
            }
        }
        return new Furthest(furthest);
    }

    private boolean isWanted(TableName name) {
        return sync.sequences().all() || named.test(name);
    }

    /** Null: there is no such sequence. */
    private static @Nullable Boolean set(Connection connection, TableName name, Value value) throws SQLException {
        try (PreparedStatement exists = connection.prepareStatement("SELECT FROM pg_catalog.pg_class c"
                + " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE c.relkind = 'S' AND n.nspname = ? AND c.relname = ?")) {
            exists.setString(1, name.schema());
            exists.setString(2, name.name());
            if (!exists.executeQuery().next()) {
                return null;
            }
        }
        String behind = value.increment() > 0 ? " < " : " > ";
        // In one statement, so that it is not set back by what was read before.
        try (PreparedStatement set = connection.prepareStatement("SELECT pg_catalog.setval(?::regclass, ?) FROM "
                + name.quoted() + " WHERE last_value" + behind + "? AND last_value" + behind + "?")) {
            set.setString(1, name.quoted());
            set.setLong(2, value.ahead(MARGIN));
            set.setLong(3, value.ahead(MARGIN / 2));
            set.setLong(4, value.ahead(MARGIN));
            return set.executeQuery().next();
        }
    }
}
