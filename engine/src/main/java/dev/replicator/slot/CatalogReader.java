package dev.replicator.slot;

import dev.replicator.model.ServerNames;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.CatalogColumn.Identity;
import dev.replicator.slot.CatalogTable.ForeignKey;
import dev.replicator.slot.CatalogTable.Kind;
import dev.replicator.slot.CatalogTable.Leaves;
import dev.replicator.slot.CatalogTable.Persistence;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.CatalogTable.Trigger;
import dev.replicator.slot.CatalogTable.UniqueIndex;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@link Catalog} of a database in six queries, however many tables it has. Needs no privilege.
 *
 * <p>Limits: on a session of {@link dev.replicator.session.Sessions} (empty {@code search_path}); the queries do not
 * share a snapshot, so a schema change in between may be seen in part. Source: PostgreSQL documentation, "System
 * Catalogs"; psql's {@code describe.c}.
 */
public final class CatalogReader {
    private static final String RELATIONS = """
            relations AS (
              SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_'
                AND n.nspname NOT IN ('information_schema', '%s'))
            """.formatted(ServerNames.SCHEMA);

    private static final String TABLES = "WITH " + RELATIONS + """
            SELECT c.oid, c.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
              rn.nspname AS root_schema, r.relname AS root_name,
              o.rolname AS owner, coalesce(o.rolsuper, false) AS owner_super,
              pg_has_role(c.relowner, 'USAGE') AS owned,
              has_schema_privilege(c.relnamespace, 'USAGE') AS usage,
              has_table_privilege(c.oid, 'SELECT') AS sel, has_table_privilege(c.oid, 'INSERT') AS ins,
              has_table_privilege(c.oid, 'UPDATE') AS upd, has_table_privilege(c.oid, 'DELETE') AS del,
              has_table_privilege(c.oid, 'TRUNCATE') AS trunc,
              c.relrowsecurity AND row_security_active(c.oid) AS rls, x.extname,
              (SELECT array_agg(DISTINCT l.relkind::text || l.relpersistence::text || l.relreplident::text)
               FROM pg_partition_tree(c.oid) t JOIN pg_class l ON l.oid = t.relid
               WHERE c.relkind = 'p' AND t.isleaf AND l.relkind <> 'p') AS leaves
            FROM relations c
            LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
            LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
            LEFT JOIN pg_roles o ON o.oid = c.relowner
            LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
            LEFT JOIN pg_extension x ON x.oid = d.refobjid
            """;

    private static final String COLUMNS = "WITH RECURSIVE " + RELATIONS + """
            , bases AS (
              SELECT oid AS typid, oid AS base FROM pg_type WHERE typtype <> 'd'
              UNION ALL
              SELECT d.oid, b.base FROM pg_type d JOIN bases b ON d.typbasetype = b.typid WHERE d.typtype = 'd')
            SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull OR t.typnotnull AS attnotnull,
              a.atthasdef OR t.typdefault IS NOT NULL AS atthasdef,
              a.attgenerated <> '' AS generated, a.attidentity,
              CASE WHEN tn.nspname = 'pg_catalog' THEN '' ELSE quote_ident(tn.nspname) || '.' END
                || quote_ident(t.typname) AS type,
              CASE WHEN b.typtype = 'e' THEN 'enum' ELSE
                CASE WHEN b.typname = 'char' AND bn.nspname = 'pg_catalog' THEN '"char"'
                  WHEN bn.nspname = 'pg_catalog' THEN b.typname
                  ELSE quote_ident(bn.nspname) || '.' || quote_ident(b.typname) END END AS base,
              format_type(a.atttypid, a.atttypmod) AS declared,
              coalesce(co.collisdeterministic, true) AS deterministic,
              CASE WHEN b.typtype = 'e' THEN (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
                FROM pg_enum e WHERE e.enumtypid = b.oid) END AS labels,
              CASE WHEN a.attgenerated = '' THEN pg_get_expr(df.adbin, df.adrelid) END AS default_expression,
              CASE WHEN a.atthasmissing THEN (a.attmissingval::text::text[])[1] END AS missing_value
            FROM relations c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_attrdef df ON df.adrelid = a.attrelid AND df.adnum = a.attnum
            JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
            JOIN bases ON bases.typid = t.oid
            JOIN pg_type b ON b.oid = bases.base JOIN pg_namespace bn ON bn.oid = b.typnamespace
            LEFT JOIN pg_collation co ON co.oid = a.attcollation
            ORDER BY a.attrelid, a.attnum
            """;

    private static final String UNIQUES = """
            SELECT i.indrelid, x.relname, i.indisprimary, i.indisreplident, i.indimmediate,
              (SELECT array_agg(a.attname::text ORDER BY k.at)
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, at)
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
               WHERE k.at <= i.indnkeyatts) AS columns,
              NOT EXISTS (SELECT FROM unnest(i.indcollation::oid[]) AS k (collation_oid)
               JOIN pg_collation co ON co.oid = k.collation_oid WHERE NOT co.collisdeterministic) AS deterministic
            FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
            WHERE i.indisunique AND i.indisvalid AND NOT i.indisexclusion AND i.indpred IS NULL AND i.indexprs IS NULL
            ORDER BY i.indrelid, NOT i.indisprimary, NOT i.indisreplident, x.relname
            """;

    private static final String TRIGGERS = """
            SELECT tgrelid, tgname, tgenabled IN ('R', 'A') AS in_replica
            FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgrelid, tgname
            """;

    private static final String REFERENCES = """
            SELECT f.conrelid, f.conname, n.nspname, c.relname,
              (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(f.conkey) WITH ORDINALITY AS k (attnum, at)
               JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum) AS columns,
              (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(f.confkey) WITH ORDINALITY AS k (attnum, at)
               JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum) AS referenced
            FROM pg_constraint f JOIN pg_class c ON c.oid = f.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE f.contype = 'f' AND f.conparentid = 0 ORDER BY f.conrelid, f.conname
            """;

    private final Connection connection;
    private final Map<Long, List<CatalogColumn>> columns = new HashMap<>();
    private final Map<Long, List<UniqueIndex>> uniques = new HashMap<>();
    private final Map<Long, List<Trigger>> triggers = new HashMap<>();
    private final Map<Long, List<ForeignKey>> references = new HashMap<>();

    private CatalogReader(Connection connection) {
        this.connection = connection;
    }

    /** Reads the tables of the database the session is connected to; {@code database} is its short name. */
    public static Catalog read(Connection connection, String database) {
        try {
            return Catalog.of(database, new CatalogReader(connection).tables());
        } catch (SQLException e) {
            throw SqlErrors.doing("read the catalog of database \"" + database + "\"", e);
        }
    }

    private Map<TableName, CatalogTable> tables() throws SQLException {
        each(COLUMNS, row -> add(columns, row.getLong("attrelid"), column(row)));
        each(UNIQUES, row -> add(uniques, row.getLong("indrelid"), unique(row)));
        each(
                TRIGGERS,
                row -> add(
                        triggers,
                        row.getLong("tgrelid"),
                        new Trigger(row.getString("tgname"), row.getBoolean("in_replica"))));
        each(
                REFERENCES,
                row -> add(
                        references,
                        row.getLong("conrelid"),
                        new ForeignKey(
                                row.getString("conname"),
                                new TableName(row.getString("nspname"), row.getString("relname")),
                                strings(row.getArray("columns")),
                                strings(row.getArray("referenced")))));
        Map<TableName, CatalogTable> tables = new TreeMap<>();
        each(TABLES, row -> {
            CatalogTable table = table(row);
            tables.put(table.name(), table);
        });
        return tables;
    }

    private CatalogTable table(ResultSet row) throws SQLException {
        long oid = row.getLong("oid");
        @Nullable String rootSchema = row.getString("root_schema");
        return new CatalogTable(
                new TableName(row.getString("nspname"), row.getString("relname")),
                oid,
                kind(row.getString("relkind")),
                persistence(row.getString("relpersistence")),
                rootSchema == null ? null : new TableName(rootSchema, row.getString("root_name")),
                leaves(strings(row.getArray("leaves"))),
                identity(row.getString("relreplident")),
                columns.getOrDefault(oid, List.of()),
                uniques.getOrDefault(oid, List.of()),
                triggers.getOrDefault(oid, List.of()),
                references.getOrDefault(oid, List.of()),
                String.valueOf(row.getString("owner")),
                row.getBoolean("owner_super"),
                row.getBoolean("owned"),
                privileges(row),
                row.getBoolean("rls"),
                row.getString("extname"));
    }

    private static Set<String> privileges(ResultSet row) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("USAGE", "usage");
        columns.put("SELECT", "sel");
        columns.put("INSERT", "ins");
        columns.put("UPDATE", "upd");
        columns.put("DELETE", "del");
        columns.put("TRUNCATE", "trunc");
        Set<String> held = new HashSet<>();
        for (Map.Entry<String, String> column : columns.entrySet()) {
            if (row.getBoolean(column.getValue())) {
                held.add(column.getKey());
            }
        }
        return held;
    }

    private static CatalogColumn column(ResultSet row) throws SQLException {
        String identity = row.getString("attidentity");
        return new CatalogColumn(
                row.getInt("attnum"),
                row.getString("attname"),
                (int) row.getLong("atttypid"),
                row.getString("type"),
                row.getString("base"),
                row.getString("declared"),
                row.getInt("atttypmod"),
                row.getBoolean("attnotnull"),
                row.getBoolean("atthasdef"),
                row.getBoolean("generated"),
                switch (identity) {
                    case "a" -> Identity.ALWAYS;
                    case "d" -> Identity.BY_DEFAULT;
                    default -> Identity.NONE;
                },
                row.getBoolean("deterministic"),
                strings(row.getArray("labels")),
                row.getString("default_expression"),
                row.getString("missing_value"));
    }

    private static UniqueIndex unique(ResultSet row) throws SQLException {
        return new UniqueIndex(
                row.getString("relname"),
                strings(row.getArray("columns")),
                row.getBoolean("indisprimary"),
                row.getBoolean("indisreplident"),
                row.getBoolean("indimmediate"),
                row.getBoolean("deterministic"));
    }

    private static Leaves leaves(List<String> codes) {
        boolean foreign = false;
        boolean unlogged = false;
        Set<ReplicaIdentity> identities = new HashSet<>();
        for (String code : codes) {
            foreign |= code.charAt(0) == 'f';
            unlogged |= code.charAt(1) != 'p';
            identities.add(identity(code.substring(2)));
        }
        return codes.isEmpty() ? Leaves.NONE : new Leaves(foreign, unlogged, Set.copyOf(identities));
    }

    private static Kind kind(String code) {
        return switch (code) {
            case "p" -> Kind.PARTITIONED;
            case "v" -> Kind.VIEW;
            case "m" -> Kind.MATERIALIZED_VIEW;
            case "f" -> Kind.FOREIGN;
            default -> Kind.TABLE;
        };
    }

    private static Persistence persistence(String code) {
        return switch (code) {
            case "u" -> Persistence.UNLOGGED;
            case "t" -> Persistence.TEMPORARY;
            default -> Persistence.PERMANENT;
        };
    }

    private static ReplicaIdentity identity(String code) {
        return switch (code) {
            case "i" -> ReplicaIdentity.INDEX;
            case "f" -> ReplicaIdentity.FULL;
            case "n" -> ReplicaIdentity.NOTHING;
            default -> ReplicaIdentity.DEFAULT;
        };
    }

    private static List<String> strings(@Nullable Array array) throws SQLException {
        return array == null ? List.of() : List.of((String[]) array.getArray());
    }

    private static <T> void add(Map<Long, List<T>> lists, long oid, T element) {
        lists.computeIfAbsent(oid, key -> new ArrayList<>()).add(element);
    }

    private interface RowReader {
        void read(ResultSet row) throws SQLException;
    }

    private void each(String sql, RowReader reader) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                reader.read(rows);
            }
        }
    }
}
