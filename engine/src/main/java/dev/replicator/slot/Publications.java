package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The publication of a sync in one of its sources: a list of tables by name, inserts, updates, deletes and truncates,
 * partitions under the name of their root.
 *
 * <p>Guarantees: never dropped to be made again (a slot decodes with the catalog as it was, and a publication made later
 * than its position "does not exist" for it); never {@code FOR ALL TABLES}, which would publish our own schema and break
 * updates of tables without a key. Thread: that of the connection. Source: PostgreSQL documentation, "CREATE
 * PUBLICATION", "ALTER PUBLICATION".
 */
public final class Publications {
    private static final String PUBLISHED = "insert, update, delete, truncate";

    private final Connection connection;
    private final String database;

    /** {@code database} is the short name, for messages. */
    public Publications(Connection connection, String database) {
        this.connection = connection;
        this.database = database;
    }

    /**
     * A publication as it stands.
     *
     * @param tables the tables listed
     * @param restricted those with a row filter or a column list, which somebody else must have set
     * @param everything whether it was made for all tables, or for those of a schema
     * @param complete whether it publishes every kind of change, through the roots of partitions
     * @param owned whether this role may alter it
     */
    public record Publication(
            String name,
            SortedSet<TableName> tables,
            Set<TableName> restricted,
            boolean everything,
            boolean complete,
            boolean owned) {}

    public Optional<Publication> find(String name) {
        String schemas =
                major() >= 15 ? "EXISTS (SELECT FROM pg_publication_namespace n WHERE n.pnpubid = p.oid)" : "false";
        String sql = """
                SELECT p.oid, p.puballtables OR %s AS everything,
                  p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND p.pubviaroot AS complete,
                  pg_has_role(p.pubowner, 'USAGE') AS owned
                FROM pg_publication p WHERE p.pubname = ?
                """.formatted(schemas);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                return Optional.of(withTables(name, row));
            }
        } catch (SQLException e) {
            throw failed("read publication", name, e);
        }
    }

    private Publication withTables(String name, ResultSet publication) throws SQLException {
        SortedSet<TableName> tables = new TreeSet<>();
        Set<TableName> restricted = new HashSet<>();
        String sql = """
                SELECT n.nspname, c.relname,
                  to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL AS restricted
                FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.prpubid = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, publication.getLong("oid"));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    TableName table = new TableName(row.getString(1), row.getString(2));
                    tables.add(table);
                    if (row.getBoolean(3)) {
                        restricted.add(table);
                    }
                }
            }
        }
        return new Publication(
                name,
                tables,
                restricted,
                publication.getBoolean("everything"),
                publication.getBoolean("complete"),
                publication.getBoolean("owned"));
    }

    /** Creates the publication or alters it until it lists exactly these tables; returns whether anything changed. */
    public boolean ensure(String name, List<Table> tables) {
        SortedSet<TableName> wanted = tables.stream().map(Table::name).collect(Collectors.toCollection(TreeSet::new));
        Optional<Publication> found = find(name);
        if (found.isEmpty()) {
            execute(createSql(name, wanted), "create publication", name);
            return true;
        }
        Publication now = found.get();
        if (now.everything()) {
            throw ReplicatorException.fatal(
                            ErrorCode.PUBLICATION,
                            "cannot use publication \"" + name + "\" on database \"" + database + "\"",
                            "It was made for all tables, or for all tables of a schema.",
                            "Drop it, and the slot of this sync with it; both are made again.")
                    .within("database \"" + database + "\"");
        }
        List<String> statements = new ArrayList<>();
        for (TableName table : now.tables()) {
            if (!wanted.contains(table) || now.restricted().contains(table)) {
                statements.add(alter(name) + "DROP TABLE ONLY " + table.quoted());
            }
        }
        for (TableName table : wanted) {
            if (!now.tables().contains(table) || now.restricted().contains(table)) {
                statements.add(alter(name) + "ADD TABLE ONLY " + table.quoted());
            }
        }
        if (!now.complete()) {
            statements.add(alter(name) + "SET (publish = '" + PUBLISHED + "', publish_via_partition_root = true)");
        }
        // One simple query is one transaction: the list never has a gap.
        statements.stream()
                .reduce((a, b) -> a + "; " + b)
                .ifPresent(all -> execute("BEGIN; " + all + "; COMMIT", "alter publication", name));
        return !statements.isEmpty();
    }

    /** Fails with PUBLICATION when the publication is gone or lacks one of the tables: the check before streaming. */
    public void verify(String name, List<Table> tables) {
        Optional<Publication> found = find(name);
        if (found.isEmpty()) {
            throw gone(name);
        }
        List<String> missing = tables.stream()
                .map(Table::name)
                .filter(table -> !found.get().tables().contains(table))
                .map(TableName::quoted)
                .toList();
        if (!missing.isEmpty() || !found.get().complete()) {
            throw ReplicatorException.fatal(
                            ErrorCode.PUBLICATION,
                            "cannot stream publication \"" + name + "\" of database \"" + database + "\"",
                            missing.isEmpty()
                                    ? "It does not publish every kind of change through the roots of partitions."
                                    : "It lacks " + String.join(", ", missing) + ".",
                            "Somebody altered it: changes made since may be missing. Run \"replicator slot create\" to"
                                    + " mend it, then \"replicator compare\" and \"replicator repair\".")
                    .within("database \"" + database + "\"");
        }
    }

    /** The publication under an existing slot is gone. */
    public ReplicatorException gone(String name) {
        return ReplicatorException.fatal(
                        ErrorCode.PUBLICATION,
                        "cannot stream publication \"" + name + "\" of database \"" + database + "\"",
                        "The publication does not exist any more. Made again, it would not exist for the part of the log"
                                + " that the slot still has to read.",
                        "Run \"replicator slot drop\" and \"replicator slot create\" for this database; then \"replicator"
                                + " compare\" and \"replicator repair\".")
                .within("database \"" + database + "\"");
    }

    /** Drops the publication; returns whether it was there. */
    public boolean drop(String name) {
        if (find(name).isEmpty()) {
            return false;
        }
        execute("DROP PUBLICATION " + TableName.quote(name), "drop publication", name);
        return true;
    }

    /** The statement that makes the publication: also what a database administrator runs for tables we do not own. */
    static String createSql(String name, SortedSet<TableName> tables) {
        String list = tables.stream().map(table -> "ONLY " + table.quoted()).collect(Collectors.joining(", "));
        return "CREATE PUBLICATION " + TableName.quote(name) + (list.isEmpty() ? "" : " FOR TABLE " + list)
                + " WITH (publish = '" + PUBLISHED + "', publish_via_partition_root = true)";
    }

    private static String alter(String name) {
        return "ALTER PUBLICATION " + TableName.quote(name) + " ";
    }

    private int major() {
        try {
            return connection.getMetaData().getDatabaseMajorVersion();
        } catch (SQLException e) {
            throw SqlErrors.doing("read the version of database \"" + database + "\"", e);
        }
    }

    private void execute(String sql, String doing, String name) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            rollBack();
            throw failed(doing, name, e);
        }
    }

    private void rollBack() {
        try (Statement statement = connection.createStatement()) {
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            // The connection is broken, which the caller's exception says.
        }
    }

    private ReplicatorException failed(String doing, String name, SQLException e) {
        return SqlErrors.doing(doing + " \"" + name + "\" on database \"" + database + "\"", e)
                .within("database \"" + database + "\"");
    }
}
