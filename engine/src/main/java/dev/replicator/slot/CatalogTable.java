package dev.replicator.slot;

import dev.replicator.model.TableName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table, or what looks like one, as one database has it.
 *
 * @param name schema and name
 * @param oid its object identifier
 * @param kind what it is
 * @param persistence whether its rows are logged
 * @param partitionRoot for a partition: the table at the root; else null
 * @param leaves for a partitioned table: what its leaves are
 * @param identity its replica identity
 * @param columns in catalog order
 * @param uniques unique indexes over plain columns
 * @param triggers enabled triggers of the user's, with those that fire even in a replica session marked
 * @param references names of the tables its foreign keys point at, by constraint name
 * @param owner its owner
 * @param ownerIsSuperuser whether that is a superuser
 * @param owned whether this session's role has the owner's rights
 * @param privileges which of SELECT, INSERT, UPDATE, DELETE, TRUNCATE and USAGE (of the schema) this role has
 * @param rowSecurity whether row security restricts this role on it
 * @param extension the extension it belongs to, or null
 */
public record CatalogTable(
        TableName name,
        long oid,
        Kind kind,
        Persistence persistence,
        @Nullable TableName partitionRoot,
        Leaves leaves,
        ReplicaIdentity identity,
        List<CatalogColumn> columns,
        List<UniqueIndex> uniques,
        List<Trigger> triggers,
        List<ForeignKey> references,
        String owner,
        boolean ownerIsSuperuser,
        boolean owned,
        Set<String> privileges,
        boolean rowSecurity,
        @Nullable String extension) {

    public CatalogTable {
        columns = List.copyOf(columns);
        uniques = List.copyOf(uniques);
        triggers = List.copyOf(triggers);
        references = List.copyOf(references);
        privileges = Set.copyOf(privileges);
    }

    /** What a relation is. */
    public enum Kind {
        TABLE,
        PARTITIONED,
        VIEW,
        MATERIALIZED_VIEW,
        FOREIGN
    }

    /** Whether a table's rows reach the log. */
    public enum Persistence {
        PERMANENT,
        UNLOGGED,
        TEMPORARY
    }

    /** What the log tells of an old row. */
    public enum ReplicaIdentity {
        DEFAULT,
        INDEX,
        FULL,
        NOTHING
    }

    /**
     * What the leaf partitions are; they decide what reaches the log, not their root.
     *
     * @param foreign whether one is a foreign table
     * @param unlogged whether one is not logged
     * @param identities replica identities of the leaves, without repetition
     */
    public record Leaves(boolean foreign, boolean unlogged, Set<ReplicaIdentity> identities) {
        public static final Leaves NONE = new Leaves(false, false, Set.of());
    }

    /**
     * A unique index over plain columns, not partial.
     *
     * @param name its name
     * @param columns in index order
     * @param primary whether it is the primary key
     * @param replicaIdentity whether it is the one named by REPLICA IDENTITY USING INDEX
     * @param immediate false when it may be checked at commit only
     * @param deterministic false under a collation in which different texts are equal
     */
    public record UniqueIndex(
            String name,
            List<String> columns,
            boolean primary,
            boolean replicaIdentity,
            boolean immediate,
            boolean deterministic) {
        public UniqueIndex {
            columns = List.copyOf(columns);
        }
    }

    /** A trigger; {@code inReplica} if it fires with {@code session_replication_role = replica} too. */
    public record Trigger(String name, boolean inReplica) {}

    /** A foreign key, the table it points at, its columns and those they point at. */
    public record ForeignKey(
            String constraint, TableName referenced, List<String> columns, List<String> referencedColumns) {
        public ForeignKey {
            columns = List.copyOf(columns);
            referencedColumns = List.copyOf(referencedColumns);
        }
    }

    public Optional<CatalogColumn> column(String column) {
        return columns.stream().filter(c -> c.name().equals(column)).findFirst();
    }

    public Optional<UniqueIndex> primaryKey() {
        return uniques.stream().filter(UniqueIndex::primary).findFirst();
    }

    /** What identifies a row of a source's table: the identity index, else the primary key. */
    public Optional<UniqueIndex> key() {
        if (identity == ReplicaIdentity.INDEX) {
            return uniques.stream().filter(UniqueIndex::replicaIdentity).findFirst();
        }
        return primaryKey();
    }

    /** A unique index that holds exactly these columns in any order, immediate and over columns that are NOT NULL. */
    public Optional<UniqueIndex> uniqueOver(List<String> keyColumns) {
        Set<String> wanted = new HashSet<>(keyColumns);
        return uniques.stream()
                .filter(UniqueIndex::immediate)
                .filter(unique -> unique.columns().size() == wanted.size() && wanted.containsAll(unique.columns()))
                .filter(unique -> unique.columns().stream()
                        .allMatch(name ->
                                column(name).filter(CatalogColumn::notNull).isPresent()))
                .findFirst();
    }
}
