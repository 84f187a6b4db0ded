package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.postgres.TargetTable.Deferrable;
import dev.replicator.postgres.TargetTable.Part;
import dev.replicator.postgres.TargetTable.TargetColumn;
import dev.replicator.postgres.TargetTable.Unique;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what the target's catalogs say of the tables to be written. Thread: that of the connection. */
final class TargetCatalog {
    private static final int FIRST_USER_OID = 16_384;

    private static final String TABLE = """
            SELECT c.oid, c.relkind,
                   EXISTS (SELECT FROM pg_catalog.pg_trigger t
                           WHERE t.tgrelid = c.oid AND t.tgenabled <> 'D' AND t.tgenabled <> 'R'),
                   pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE'),
                   pg_catalog.has_table_privilege(c.oid, 'SELECT'),
                   pg_catalog.has_table_privilege(c.oid, 'INSERT'),
                   pg_catalog.has_table_privilege(c.oid, 'UPDATE'),
                   pg_catalog.has_table_privilege(c.oid, 'DELETE')
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ? AND c.relname = ?
            """;

    /**
     * A value in text form has to go through its type's input function. Where a cast from text has a function of its own
     * (regclass does not take all that it prints; people make such casts, too), a step over bpchar, which has none, leads
     * there.
     */
    private static final String COLUMNS = """
            WITH RECURSIVE base (attnum, type, domain) AS (
                SELECT a.attnum, t.oid, t.typtype = 'd'
                FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped
              UNION ALL
                SELECT b.attnum, t.oid, t.typtype = 'd'
                FROM base b JOIN pg_catalog.pg_type d ON d.oid = b.type JOIN pg_catalog.pg_type t ON t.oid = d.typbasetype
                WHERE b.domain)
            SELECT a.attname,
                   CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_cast c
                                     WHERE c.castsource = 'text'::regtype AND c.casttarget = b.type AND c.castmethod = 'f')
                         AND NOT EXISTS (SELECT FROM pg_catalog.pg_cast c
                                         WHERE c.castsource = 'bpchar'::regtype AND c.casttarget = b.type)
                        THEN 'pg_catalog.bpchar::' ELSE '' END || pg_catalog.format_type(b.type, -1),
                   b.type::int8, a.attgenerated <> '', a.attidentity::text
            FROM base b JOIN pg_catalog.pg_attribute a ON a.attrelid = ? AND a.attnum = b.attnum
            WHERE NOT b.domain
            ORDER BY b.attnum
            """;

    /** Unique indexes over plain columns, of all rows and checked at once, with the equality operator of each column. */
    private static final String UNIQUES = """
            SELECT i.indexrelid, a.attname, pg_catalog.quote_ident(n.nspname), o.oprname, x.relname
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k (attnum, opclass, number)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            JOIN pg_catalog.pg_opclass c ON c.oid = k.opclass
            JOIN pg_catalog.pg_amop m ON m.amopfamily = c.opcfamily AND m.amopstrategy = 3
                AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype
            JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr
            JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
            WHERE i.indrelid = ? AND i.indisunique AND i.indimmediate AND i.indisvalid
              AND i.indpred IS NULL AND i.indexprs IS NULL AND k.number <= i.indnkeyatts
            ORDER BY i.indisprimary DESC, i.indexrelid, k.number
            """;

    /** Constraints that are DEFERRABLE; those of exclusion name their operators, the others use equality. */
    private static final String DEFERRABLE = """
            SELECT i.indexrelid, x.relname, i.indisexclusion,
                   pg_catalog.pg_get_indexdef(i.indexrelid, k.number::int, true),
                   'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')',
                   pg_catalog.pg_get_expr(i.indpred, i.indrelid)
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            JOIN pg_catalog.pg_constraint co ON co.conindid = i.indexrelid AND co.contype IN ('p', 'u', 'x')
            CROSS JOIN LATERAL unnest(i.indclass::oid[]) WITH ORDINALITY AS k (opclass, number)
            JOIN pg_catalog.pg_opclass c ON c.oid = k.opclass
            JOIN pg_catalog.pg_operator o ON o.oid = CASE WHEN i.indisexclusion THEN co.conexclop[k.number::int]
                ELSE (SELECT m.amopopr FROM pg_catalog.pg_amop m WHERE m.amopfamily = c.opcfamily
                      AND m.amopstrategy = 3 AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype) END
            JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
            WHERE i.indrelid = ? AND NOT i.indimmediate AND i.indisvalid AND k.number <= i.indnkeyatts
            ORDER BY i.indexrelid, k.number
            """;

    private final Connection connection;
    private final String database;
    private @Nullable Map<Integer, Integer> arrayTypes;

    TargetCatalog(Connection connection, String database) {
        this.connection = connection;
        this.database = database;
    }

    /** The array type of a built-in type, or 0: it has none, or no binary form, and its values cannot be elements. */
    int arrayType(int elementOid) throws SQLException {
        if (arrayTypes == null) {
            Map<Integer, Integer> types = new HashMap<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT oid::int8, typarray::int8 FROM pg_catalog.pg_type WHERE typreceive <> 0 AND oid < "
                                    + FIRST_USER_OID)) {
                while (rows.next()) {
                    types.put(rows.getInt(1), rows.getInt(2));
                }
            }
            arrayTypes = types;
        }
        return arrayTypes.getOrDefault(elementOid, 0);
    }

    /** Whether binary values of this type mean the same on every server. */
    static boolean isBuiltIn(int oid) {
        return oid > 0 && oid < FIRST_USER_OID;
    }

    /** Throws SCHEMA_DIFFERS or TABLE when the table cannot be written as the sync wants it. */
    TargetTable load(Table table) throws SQLException {
        TableName name = table.name();
        try (PreparedStatement select = connection.prepareStatement(TABLE)) {
            select.setString(1, name.schema());
            select.setString(2, name.name());
            ResultSet row = select.executeQuery();
            if (!row.next()) {
                throw differs(
                        "table " + name + " does not exist on database \"" + database + "\"",
                        "Create it there, or leave it out of the sync.");
            }
            String kind = row.getString(2);
            if (!kind.equals("r") && !kind.equals("p")) {
                throw differs(name + " is no table on database \"" + database + "\"", "Leave it out of the sync.");
            }
            long oid = row.getLong(1);
            Map<String, TargetColumn> columns = TargetTable.byName(columns(oid));
            for (String key : table.keyColumns()) {
                if (!columns.containsKey(key)) {
                    throw differs(
                            "key column \"" + key + "\" of table " + name + " does not exist on database \"" + database
                                    + "\"",
                            "Give the table the same columns on every database.");
                }
            }
            return new TargetTable(
                    table, columns, operators(table, oid), deferrable(oid), row.getBoolean(3), missing(row));
        }
    }

    private static @Nullable String missing(ResultSet row) throws SQLException {
        String[] privileges = {"USAGE on the schema", "SELECT", "INSERT", "UPDATE", "DELETE"};
        for (int i = 0; i < privileges.length; i++) {
            if (!row.getBoolean(4 + i)) {
                return privileges[i];
            }
        }
        return null;
    }

    private List<TargetColumn> columns(long table) throws SQLException {
        List<TargetColumn> columns = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(COLUMNS)) {
            select.setLong(1, table);
            select.setLong(2, table);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                columns.add(new TargetColumn(
                        rows.getString(1),
                        rows.getString(2),
                        (int) rows.getLong(3),
                        rows.getBoolean(4),
                        rows.getString(5)));
            }
        }
        return columns;
    }

    /** The equality operators of the unique index over exactly the key columns; an upsert needs it, too. */
    private List<String> operators(Table table, long oid) throws SQLException {
        for (Unique unique : uniques(oid)) {
            Map<String, String> index = unique.operators();
            if (index.size() == table.keyColumns().size() && index.keySet().containsAll(table.keyColumns())) {
                return table.keyColumns().stream().map(index::get).toList();
            }
        }
        throw new ReplicatorException(
                ReplicatorException.Kind.FATAL,
                ErrorCode.SCHEMA_DIFFERS,
                "table " + table.name() + " on database \"" + database + "\" has no unique index on its key",
                "The key is (" + String.join(", ", table.keyColumns())
                        + "). Partial, deferrable and invalid indexes do not serve.",
                "Give the table the same primary key on every database.",
                null);
    }

    private List<Deferrable> deferrable(long oid) throws SQLException {
        Map<Long, Deferrable> constraints = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(DEFERRABLE)) {
            select.setLong(1, oid);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                Deferrable named =
                        new Deferrable(rows.getString(2), rows.getBoolean(3), new ArrayList<>(), rows.getString(6));
                constraints
                        .computeIfAbsent(rows.getLong(1), index -> named)
                        .parts()
                        .add(new Part(rows.getString(4), rows.getString(5)));
            }
        }
        return List.copyOf(constraints.values());
    }

    private List<Unique> uniques(long oid) throws SQLException {
        Map<Long, Unique> uniques = new LinkedHashMap<>();
        try (PreparedStatement select = connection.prepareStatement(UNIQUES)) {
            select.setLong(1, oid);
            ResultSet rows = select.executeQuery();
            while (rows.next()) {
                String name = rows.getString(5);
                uniques.computeIfAbsent(rows.getLong(1), index -> new Unique(name, new LinkedHashMap<>()))
                        .operators()
                        .put(rows.getString(2), "OPERATOR(" + rows.getString(3) + "." + rows.getString(4) + ")");
            }
        }
        return List.copyOf(uniques.values());
    }

    static ReplicatorException differs(String primary, String hint) {
        return ReplicatorException.fatal(ErrorCode.SCHEMA_DIFFERS, primary, null, hint);
    }
}
