package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.InitialCopy;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.slot.Inspection.Seen;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tables that hold rows on one database and none on another, before a sync first runs: only changes made from then on
 * are replicated. Not asked again once every source has its slot.
 */
final class FillChecks implements Preflight.Check {
    private static final int TABLES_PER_QUERY = 200;
    private static final int NAMED = 30;

    @Override
    public void run(Inspection inspection, Consumer<Finding> findings) {
        boolean started = inspection.sources().stream()
                .allMatch(source -> inspection.slot(source).isPresent());
        if (started) {
            return;
        }
        Map<String, Map<Integer, Boolean>> filled = new HashMap<>();
        for (Seen database : inspection.reached()) {
            filled.put(database.spec().name(), filled(database, inspection.tables()));
        }
        List<String> differing = new ArrayList<>();
        for (Table table : inspection.tables()) {
            List<String> with = having(filled, table, true);
            List<String> without = having(filled, table, false);
            InitialCopy copy = inspection.sync().initialCopy().of(table.name());
            if (copy.when() == InitialCopy.When.NEVER && !with.isEmpty() && !without.isEmpty()) {
                differing.add(table.name().quoted() + " (filled on " + String.join(", ", with) + "; empty on "
                        + String.join(", ", without) + ")");
            }
        }
        if (!differing.isEmpty()) {
            String named = differing.stream().limit(NAMED).collect(Collectors.joining(", "));
            findings.accept(Finding.warning(
                    ErrorCode.TABLE,
                    null,
                    "tables of sync \"" + inspection.sync().name()
                            + "\" are filled on some databases and empty on others",
                    named + (differing.size() > NAMED ? " and " + (differing.size() - NAMED) + " more." : "."),
                    "initial_copy is never: only changes made from now on are replicated. "
                            + (inspection.sync().isMultiMaster()
                                    ? "Bring the rows that are there to the empty tables before you start."
                                    : "With initial_copy: if_empty the rows that are there are copied.")));
        }
    }

    private static List<String> having(Map<String, Map<Integer, Boolean>> filled, Table table, boolean rows) {
        return filled.entrySet().stream()
                .filter(entry -> Boolean.valueOf(rows).equals(entry.getValue().get(table.id())))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** A database that only receives may have it under another name. */
    private static TableName nameOf(Table table, Seen database) {
        return database.catalog().table(table.name()).map(CatalogTable::name).orElse(table.name());
    }

    /** By table number; a table that this role may not read is missing. */
    private static Map<Integer, Boolean> filled(Seen database, List<Table> tables) {
        List<Table> readable = tables.stream()
                .filter(table -> database.catalog()
                        .table(table.name())
                        .filter(found -> found.privileges().contains("SELECT")
                                && found.privileges().contains("USAGE")
                                && !found.rowSecurity())
                        .isPresent())
                .toList();
        Map<Integer, Boolean> filled = new HashMap<>();
        for (int start = 0; start < readable.size(); start += TABLES_PER_QUERY) {
            String sql = readable.subList(start, Math.min(readable.size(), start + TABLES_PER_QUERY)).stream()
                    .map(table -> "SELECT " + table.id() + ", EXISTS (SELECT FROM "
                            + nameOf(table, database).quoted() + ")")
                    .collect(Collectors.joining(" UNION ALL "));
            try (Statement statement = database.connection().createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                while (row.next()) {
                    filled.put(row.getInt(1), row.getBoolean(2));
                }
            } catch (SQLException e) {
                throw SqlErrors.doing(
                        "look into the tables of database \"" + database.spec().name() + "\"", e);
            }
        }
        return filled;
    }
}
