package dev.replicator.slot;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.ServerNames;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import dev.replicator.session.Sessions;
import dev.replicator.slot.Publications.Publication;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One sync under inspection: an open session to each database that can be reached, and what was read there. The checks
 * work on this.
 */
final class Inspection {
    private final SyncSpec sync;
    private final Map<String, Seen> seen;
    private final Map<String, Catalog> foreign;
    private final TableSelection selection;

    /**
     * A database that could be reached.
     *
     * @param slots all slots of its server
     */
    record Seen(DatabaseSpec spec, Connection connection, ServerFacts facts, Catalog catalog, List<Slot> slots) {}

    /** {@code foreign}: the sources that are no PostgreSQL and could be reached, as if they were. */
    Inspection(SyncSpec sync, Map<String, Seen> seen, Map<String, Catalog> foreign) {
        this.sync = sync;
        this.foreign = Map.copyOf(foreign);
        this.seen = mapped(sync, seen, foreign);
        this.selection = TableSelection.of(sync, catalogs());
    }

    /** Databases that only receive may have the tables under other names. */
    private static Map<String, Seen> mapped(SyncSpec sync, Map<String, Seen> seen, Map<String, Catalog> foreign) {
        Set<TableName> names = new HashSet<>();
        foreign.values().forEach(catalog -> names.addAll(catalog.tables().keySet()));
        sync.sources().stream()
                .flatMap(source -> Optional.ofNullable(seen.get(source.name())).stream())
                .forEach(source -> names.addAll(source.catalog().tables().keySet()));
        Map<String, Seen> mapped = new HashMap<>(seen);
        for (int node = sync.sourceCount(); node < sync.nodeCount(); node++) {
            int target = node;
            mapped.computeIfPresent(
                    sync.node(node).name(),
                    (name, there) -> new Seen(
                            there.spec(),
                            there.connection(),
                            there.facts(),
                            MappedCatalog.of(sync, target, there.catalog(), names),
                            there.slots()));
        }
        return mapped;
    }

    /** Connects to a database and reads it; the failure, if that is what comes of it, goes to {@code failed}. */
    static @Nullable Seen see(DatabaseSpec spec, BiConsumer<String, ReplicatorException> failed) {
        @Nullable Connection connection = null;
        try {
            connection = Sessions.open(spec, "replicator check");
            ServerFacts facts = ServerFacts.read(connection, spec);
            return new Seen(
                    spec,
                    connection,
                    facts,
                    CatalogReader.read(connection, spec.name()),
                    new Slots(connection, spec.name()).list());
        } catch (ReplicatorException e) {
            if (connection != null) {
                Sessions.closeQuietly(connection);
            }
            failed.accept(spec.name(), e);
            return null;
        }
    }

    SyncSpec sync() {
        return sync;
    }

    TableSelection selection() {
        return selection;
    }

    List<Table> tables() {
        return selection.tables();
    }

    List<TableSchema> schemas() {
        return schemas(sync, tables(), catalogs());
    }

    /** The tables with the columns that a source sends; the first source that was reached tells. */
    static List<TableSchema> schemas(SyncSpec sync, List<Table> tables, Map<String, Catalog> catalogs) {
        List<TableSchema> schemas = new ArrayList<>();
        for (Table table : tables) {
            sync.sources().stream()
                    .flatMap(source -> Optional.ofNullable(catalogs.get(source.name())).stream())
                    .flatMap(catalog -> catalog.table(table.name()).stream())
                    .findFirst()
                    .ifPresent(found -> schemas.add(new TableSchema(table, sent(found))));
        }
        return schemas;
    }

    private static List<SourceColumn> sent(CatalogTable table) {
        return table.columns().stream()
                .filter(column -> !column.generated())
                .map(column -> new SourceColumn(
                        column.name(),
                        column.baseType(),
                        column.typmod(),
                        column.declared(),
                        column.notNull(),
                        column.enumLabels()))
                .toList();
    }

    Map<String, Catalog> catalogs() {
        Map<String, Catalog> catalogs = new HashMap<>(foreign);
        seen.forEach((name, database) -> catalogs.put(name, database.catalog()));
        return catalogs;
    }

    /** The node's database, if it could be reached. */
    Optional<Seen> node(int node) {
        return Optional.ofNullable(seen.get(sync.node(node).name()));
    }

    /** Every database that could be reached, sources first. */
    List<Seen> reached() {
        List<Seen> reached = new ArrayList<>();
        for (int node = 0; node < sync.nodeCount(); node++) {
            node(node).ifPresent(reached::add);
        }
        return reached;
    }

    /** The sources that could be reached. */
    List<Seen> sources() {
        return reached().stream().filter(this::isSource).toList();
    }

    /** The databases that are written and could be reached. */
    List<Seen> written() {
        return reached().stream().filter(this::isWritten).toList();
    }

    boolean isSource(Seen database) {
        return sync.sources().stream()
                .anyMatch(spec -> spec.name().equals(database.spec().name()));
    }

    boolean isWritten(Seen database) {
        return sync.isMultiMaster() || !isSource(database);
    }

    Optional<Slot> slot(Seen source) {
        String name = ServerNames.slot(sync.name(), source.spec().name());
        return source.slots().stream().filter(slot -> slot.name().equals(name)).findFirst();
    }

    Optional<Publication> publication(Seen source) {
        return new Publications(source.connection(), source.spec().name()).find(ServerNames.publication(sync.name()));
    }
}
