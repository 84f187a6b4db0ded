package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableMapping;
import dev.replicator.model.TableName;
import dev.replicator.slot.CatalogTable.UniqueIndex;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which tables a sync replicates: those its configuration asks for that exist on every database, are tables whose rows
 * are logged, and have a key that is the same everywhere. (What is copied whole needs neither.) Everything asked for and refused is named with the reason.
 *
 * <p>Limits: databases whose catalog could not be read are left out of the decision. Partitions are replicated through
 * their root ({@code publish_via_partition_root}); a TRUNCATE of a single partition is not sent by PostgreSQL then.
 *
 * @param tables the tables, by name, numbered from 0
 * @param rejected what was asked for and cannot be replicated
 * @param findings mistakes in the list itself: names and patterns that match nothing
 */
public record TableSelection(List<Table> tables, List<Rejected> rejected, List<Finding> findings) {

    public TableSelection {
        tables = List.copyOf(tables);
        rejected = List.copyOf(rejected);
        findings = List.copyOf(findings);
    }

    /**
     * A table that was asked for and cannot be replicated.
     *
     * @param table its name
     * @param database the database that rules it out
     * @param reason why, as the end of a sentence that begins with the table
     * @param hint what to do, or null when nothing is wrong with leaving it out
     * @param named whether the configuration names it exactly, so that leaving it out is an error
     */
    public record Rejected(
            TableName table,
            String database,
            String reason,
            @Nullable String hint,
            boolean named) {
        /** As a finding: an error if it was named, a warning if something can be done about it, else a notice. */
        public Finding toFinding() {
            String primary = "cannot replicate table " + table.quoted();
            String detail = "On database \"" + database + "\" the table " + reason + ".";
            ErrorCode code = ErrorCode.TABLE;
            if (named) {
                return Finding.error(code, database, primary, detail, hint);
            }
            return hint == null
                    ? Finding.notice(code, database, primary, detail, null)
                    : Finding.warning(code, database, primary, detail, hint);
        }
    }

    /**
     * Selects.
     *
     * @param catalogs by short name; of the sync's databases that could be read
     */
    public static TableSelection of(SyncSpec sync, Map<String, Catalog> catalogs) {
        List<Catalog> present = new ArrayList<>();
        for (int node = 0; node < sync.nodeCount(); node++) {
            @Nullable Catalog catalog = catalogs.get(sync.node(node).name());
            if (catalog != null) {
                present.add(catalog);
            }
        }
        return new Selector(sync, catalogs, present).select();
    }

    private static final class Selector {
        private final SyncSpec sync;
        private final Map<String, Catalog> catalogs;
        private final List<Catalog> present;
        private final List<Rejected> rejected = new ArrayList<>();
        private final List<Finding> findings = new ArrayList<>();

        Selector(SyncSpec sync, Map<String, Catalog> catalogs, List<Catalog> present) {
            this.sync = sync;
            this.catalogs = catalogs;
            this.present = present;
        }

        TableSelection select() {
            List<Table> tables = new ArrayList<>();
            for (Map.Entry<TableName, Boolean> asked : asked().entrySet()) {
                @Nullable Table table = table(tables.size(), asked.getKey(), asked.getValue());
                if (table != null) {
                    tables.add(table);
                }
            }
            return new TableSelection(tables, rejected, findings);
        }

        /** Names asked for that exist somewhere, with whether they are named exactly. */
        private SortedMap<TableName, Boolean> asked() {
            SortedSet<TableName> existing = new TreeSet<>();
            present.forEach(catalog -> existing.addAll(catalog.tables().keySet()));
            SortedMap<TableName, Boolean> asked = new TreeMap<>();
            if (sync.tables() == null) {
                existing.stream().filter(this::isForAll).forEach(name -> asked.put(name, false));
                return asked;
            }
            for (String entry : sync.tables()) {
                TablePattern pattern = TablePattern.parse(entry);
                List<TableName> matches =
                        existing.stream().filter(pattern::matches).toList();
                matches.forEach(name -> asked.merge(name, pattern.isExact(), Boolean::logicalOr));
                if (matches.isEmpty() && !present.isEmpty()) {
                    findings.add(nothingMatches(pattern, existing));
                }
            }
            return asked;
        }

        /** "All" means the user's own tables: not what belongs to an extension, views, or partitions of a root. */
        private boolean isForAll(TableName name) {
            return present.stream()
                    .flatMap(catalog -> catalog.table(name).stream())
                    .anyMatch(table -> table.extension() == null
                            && table.partitionRoot() == null
                            && (table.kind() == CatalogTable.Kind.TABLE
                                    || table.kind() == CatalogTable.Kind.PARTITIONED
                                    || table.kind() == CatalogTable.Kind.FOREIGN));
        }

        private Finding nothingMatches(TablePattern pattern, SortedSet<TableName> existing) {
            String plain = pattern.toString();
            Optional<TableName> nearest = existing.stream()
                    .min(Comparator.comparingInt(name -> Nearness.distance(plain, name.toString())))
                    .filter(name -> Nearness.distance(plain, name.toString()) <= 3);
            return Finding.error(
                    ErrorCode.TABLE,
                    null,
                    "cannot find a table that matches '" + pattern + "'",
                    "Looked in "
                            + String.join(
                                    ", ",
                                    present.stream().map(Catalog::database).toList()) + ".",
                    nearest.map(name -> "Did you mean \"" + name + "\"?")
                            .orElse("Correct the list \"tables\" of the sync."));
        }

        private @Nullable Table table(int id, TableName name, boolean named) {
            for (int node = 0; node < sync.nodeCount(); node++) {
                String database = sync.node(node).name();
                @Nullable Catalog catalog = catalogs.get(database);
                if (catalog == null) {
                    continue;
                }
                @Nullable CatalogTable table = catalog.tables().get(name);
                @Nullable
                Obstacle obstacle = table == null
                        ? missing(sync.mapping(node, name).nameOf(name), name)
                        : sync.copiesWhole()
                                ? TableRules.obstacleToCopying(table)
                                : TableRules.obstacle(table, node < sync.sourceCount(), sync.isMultiMaster());
                if (obstacle != null) {
                    rejected.add(new Rejected(name, database, obstacle.reason(), obstacle.hint(), named));
                    return null;
                }
            }
            return sync.copiesWhole() ? new Table(id, name, List.of(), List.of()) : withKey(id, name, named);
        }

        private static Obstacle missing(TableName there, TableName name) {
            return new Obstacle(
                    "does not exist" + (there.equals(name) ? "" : ", where it is called " + there.quoted()),
                    "Create it there, or leave it out of the sync.");
        }

        /** The key is that of the first source; it has to be the same, and unique, everywhere. */
        private @Nullable Table withKey(int id, TableName name, boolean named) {
            @Nullable UniqueIndex key = null;
            @Nullable CatalogTable model = null;
            for (int node = 0; node < sync.nodeCount(); node++) {
                String database = sync.node(node).name();
                @Nullable Catalog catalog = catalogs.get(database);
                @Nullable
                CatalogTable table = catalog == null ? null : catalog.tables().get(name);
                if (table == null) {
                    continue;
                }
                boolean source = node < sync.sourceCount();
                if (key == null) {
                    key = table.key().orElse(null);
                    model = table;
                    if (key == null) {
                        return null;
                    }
                } else if (!hasKey(table, key, source, sync.mapping(node, name).columns())) {
                    rejected.add(new Rejected(
                            name,
                            database,
                            "has another key than elsewhere: not (" + String.join(", ", key.columns()) + ")",
                            "Give it the same primary key on every database.",
                            named));
                    return null;
                }
            }
            if (key == null || model == null) {
                return null;
            }
            CatalogTable first = model;
            List<String> types = key.columns().stream()
                    .map(column ->
                            first.column(column).map(CatalogColumn::baseType).orElse("text"))
                    .toList();
            return new Table(id, name, key.columns(), types);
        }

        private static boolean hasKey(
                CatalogTable table, UniqueIndex key, boolean source, TableMapping.Columns carried) {
            if (!source) {
                return table.uniqueOver(key.columns().stream()
                                .map(column -> carried.nameOf(column).orElse(column))
                                .toList())
                        .isPresent();
            }
            return table.key()
                    .filter(own -> own.columns().size() == key.columns().size()
                            && own.columns().containsAll(key.columns()))
                    .isPresent();
        }
    }

    /** Why a table cannot be replicated, and what to do about it. */
    record Obstacle(String reason, @Nullable String hint) {}
}
