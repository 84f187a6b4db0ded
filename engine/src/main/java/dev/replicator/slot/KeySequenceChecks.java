package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Inspection.Seen;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether two masters can give new rows the same key, because both number them by sequences that meet. Sequences do not meet
 * when each takes its own remainder of a common increment, or when their ranges are apart.
 *
 * <p>Source: PostgreSQL documentation, pg_sequence, pg_depend.
 */
final class KeySequenceChecks implements Preflight.Check {
    /** So large an increment leaves room for further masters. */
    private static final long ROOMY = 10;

    /** Columns with an identity, or with a default that takes its value from a sequence. */
    private static final String SEQUENCES = """
            SELECT n.nspname, c.relname, a.attname, sn.nspname, sc.relname, s.seqincrement, s.seqmin, s.seqmax, s.seqstart,
                   pg_catalog.has_sequence_privilege(sc.oid, 'SELECT')
            FROM (SELECT d.refobjid AS relation, d.refobjsubid AS attnum, d.objid AS sequence
                  FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
                    AND d.deptype = 'i'
                  UNION
                  SELECT f.adrelid, f.adnum, d.refobjid
                  FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d
                    ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
                  WHERE d.refclassid = 'pg_catalog.pg_class'::regclass) u
            JOIN pg_catalog.pg_sequence s ON s.seqrelid = u.sequence
            JOIN pg_catalog.pg_class sc ON sc.oid = u.sequence
            JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace
            JOIN pg_catalog.pg_class c ON c.oid = u.relation
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.attnum
            """;

    /** A column of a table. */
    private record Place(TableName table, String column) {}

    /** A sequence; {@code at}: its last value, or where it starts. */
    private record Sequence(TableName name, long increment, long min, long max, long at) {
        boolean meets(Sequence other) {
            if (max < other.min || other.max < min) {
                return false;
            }
            boolean interleaved = Math.abs(increment) == Math.abs(other.increment)
                    && Math.floorMod(at, increment) != Math.floorMod(other.at, increment);
            return !interleaved;
        }

        String described(String database) {
            return "on \"" + database + "\" INCREMENT BY " + increment + ", now at " + at;
        }
    }

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        if (!inspection.sync().isMultiMaster()) {
            return;
        }
        List<Seen> masters = inspection.sources();
        // Of a key of several columns, another one may tell the masters apart.
        Set<Place> places = new LinkedHashSet<>();
        for (Table table : inspection.tables()) {
            if (table.keyColumns().size() == 1) {
                places.add(new Place(table.name(), table.keyColumns().get(0)));
            }
        }
        List<Map<Place, Sequence>> all =
                masters.stream().map(master -> read(master, places)).toList();
        for (Place place : places) {
            List<Seen> with = new ArrayList<>();
            List<Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < masters.size(); i++) {
                Sequence sequence = all.get(i).get(place);
                if (sequence != null) {
                    with.add(masters.get(i));
                    sequences.add(sequence);
                }
            }
            if (anyMeet(sequences)) {
                report(inspection, place, with, sequences, findings);
            }
        }
    }

    private static Map<Place, Sequence> read(Seen master, Set<Place> wanted) {
        Map<Place, Sequence> sequences = new HashMap<>();
        try (Statement statement = master.connection().createStatement();
                Statement look = master.connection().createStatement();
                ResultSet row = statement.executeQuery(SEQUENCES)) {
            while (row.next()) {
                Place place = new Place(new TableName(row.getString(1), row.getString(2)), row.getString(3));
                if (wanted.contains(place)) {
                    TableName name = new TableName(row.getString(4), row.getString(5));
                    long at = row.getBoolean(10) ? lastValue(look, name) : row.getLong(9);
                    sequences.put(place, new Sequence(name, row.getLong(6), row.getLong(7), row.getLong(8), at));
                }
            }
            return sequences;
        } catch (SQLException e) {
            throw SqlErrors.doing(
                    "read the sequences of database \"" + master.spec().name() + "\"", e);
        }
    }

    /** Of a sequence that has not been used yet, its first. */
    private static long lastValue(Statement statement, TableName sequence) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT last_value FROM " + sequence.quoted())) {
            row.next();
            return row.getLong(1);
        }
    }

    private static boolean anyMeet(List<Sequence> sequences) {
        for (int i = 0; i < sequences.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (sequences.get(i).meets(sequences.get(j))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void report(
            Inspection inspection, Place place, List<Seen> with, List<Sequence> sequences, Consumer<Finding> findings) {
        long increment = Math.max(ROOMY, inspection.sync().sourceCount());
        long beyond = sequences.stream().mapToLong(Sequence::at).max().orElse(0);
        List<String> described = new ArrayList<>();
        List<String> fixes = new ArrayList<>();
        for (int i = 0; i < sequences.size(); i++) {
            String database = with.get(i).spec().name();
            described.add(sequences.get(i).described(database));
            long next = Math.floorDiv(beyond, increment) * increment + increment + i;
            // In front, and closed: the statements may be shown in one line.
            fixes.add("/* on \"" + database + "\" */ ALTER SEQUENCE "
                    + sequences.get(i).name().quoted() + " INCREMENT BY " + increment + " RESTART WITH " + next + ";");
        }
        findings.accept(Finding.warning(
                        ErrorCode.TABLE,
                        null,
                        "several masters may give new rows of table "
                                + place.table().quoted() + " the same key",
                        "Column \"" + place.column() + "\" takes its values from a sequence of each: "
                                + String.join("; ", described) + ". Of two rows with one key only one stays.",
                        "Let each master take its own remainder of a common increment, or use uuid keys.")
                .withFix(fixes));
    }
}
