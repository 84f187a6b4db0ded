package dev.replicator.slot;

import dev.replicator.codec.KeyCodec;
import dev.replicator.model.TableName;
import dev.replicator.slot.CatalogTable.Kind;
import dev.replicator.slot.CatalogTable.Persistence;
import dev.replicator.slot.CatalogTable.ReplicaIdentity;
import dev.replicator.slot.CatalogTable.UniqueIndex;
import dev.replicator.slot.TableSelection.Obstacle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What keeps one table of one database from being replicated. Source: PostgreSQL documentation, "Logical Replication",
 * sections "Publication" and "Restrictions"; {@code check_publication_add_relation} in {@code pg_publication.c}.
 */
final class TableRules {
    private TableRules() {}

    /** The first obstacle, or null. {@code source}: its changes are read; else it is only written. */
    static @Nullable Obstacle obstacle(CatalogTable table, boolean source, boolean multiMaster) {
        @Nullable Obstacle kind = kindObstacle(table);
        if (kind != null) {
            return kind;
        }
        if (!source) {
            return columnObstacle(table);
        }
        @Nullable Obstacle identity = identityObstacle(table);
        if (identity == null) {
            identity = keyObstacle(table, multiMaster);
        }
        return identity == null ? columnObstacle(table) : identity;
    }

    /** The first obstacle to copying it whole, or null: that needs neither a key nor the log. */
    static @Nullable Obstacle obstacleToCopying(CatalogTable table) {
        return table.persistence() == Persistence.UNLOGGED || table.leaves().unlogged()
                ? shapeObstacle(table)
                : kindObstacle(table);
    }

    private static @Nullable Obstacle kindObstacle(CatalogTable table) {
        @Nullable Obstacle shape = shapeObstacle(table);
        if (shape != null) {
            return shape;
        }
        if (table.persistence() == Persistence.UNLOGGED || table.leaves().unlogged()) {
            return new Obstacle(
                    "is unlogged: its rows are not in the log",
                    "ALTER TABLE " + table.name().quoted() + " SET LOGGED;");
        }
        return null;
    }

    private static @Nullable Obstacle shapeObstacle(CatalogTable table) {
        if (table.partitionRoot() != null) {
            return new Obstacle(
                    "is a partition and is replicated through its root",
                    "Name the root " + table.partitionRoot().quoted() + " instead.");
        }
        if (table.kind() == Kind.VIEW || table.kind() == Kind.MATERIALIZED_VIEW) {
            return new Obstacle("is a view", "Replicate the tables behind it.");
        }
        if (table.kind() == Kind.FOREIGN) {
            return new Obstacle("is a foreign table: its rows are not in this server's log", null);
        }
        if (table.persistence() == Persistence.TEMPORARY) {
            return new Obstacle("is temporary", null);
        }
        if (table.leaves().foreign()) {
            return new Obstacle("has a foreign table as a partition", "Detach that partition.");
        }
        return null;
    }

    private static @Nullable Obstacle identityObstacle(CatalogTable table) {
        if (table.identity() == ReplicaIdentity.NOTHING
                || table.leaves().identities().contains(ReplicaIdentity.NOTHING)) {
            return new Obstacle(
                    table.kind() == Kind.PARTITIONED
                            ? "has REPLICA IDENTITY NOTHING on itself or a partition"
                            : "has REPLICA IDENTITY NOTHING",
                    "ALTER TABLE " + table.name().quoted() + " REPLICA IDENTITY DEFAULT;");
        }
        if (table.kind() == Kind.PARTITIONED && table.leaves().identities().contains(ReplicaIdentity.INDEX)) {
            return new Obstacle(
                    "has a partition with REPLICA IDENTITY USING INDEX",
                    "Set REPLICA IDENTITY DEFAULT or FULL on its partitions.");
        }
        return null;
    }

    private static @Nullable Obstacle keyObstacle(CatalogTable table, boolean multiMaster) {
        Optional<UniqueIndex> found = table.key();
        if (found.isEmpty()) {
            String reason = switch (table.identity()) {
                case FULL -> "has REPLICA IDENTITY FULL but no primary key";
                case INDEX -> "has REPLICA IDENTITY USING INDEX, but the index is gone";
                default -> "has no primary key";
            };
            return new Obstacle(
                    reason,
                    "ALTER TABLE " + table.name().quoted()
                            + " ADD PRIMARY KEY (...); or, with a unique index over columns that are NOT NULL, ALTER"
                            + " TABLE ... REPLICA IDENTITY USING INDEX ...;");
        }
        UniqueIndex key = found.get();
        if (!key.immediate()) {
            return new Obstacle(
                    "has a key that is DEFERRABLE, which identifies no row",
                    "Recreate constraint \"" + key.name() + "\" as NOT DEFERRABLE.");
        }
        for (String name : key.columns()) {
            @Nullable CatalogColumn column = table.column(name).orElse(null);
            if (column == null) {
                continue;
            }
            if (column.generated()) {
                return new Obstacle(
                        "has the generated column \"" + name + "\" in its key", "Choose a key of stored columns.");
            }
            if (multiMaster && !KeyCodec.isCanonical(column.baseType())) {
                return new Obstacle(
                        "has key column \"" + name + "\" of type " + column.declared()
                                + ", whose values cannot be compared between masters",
                        "Use a key of integers, text, uuid, numeric, date or timestamp.");
            }
            if (multiMaster && !(column.deterministic() && key.deterministic())) {
                return new Obstacle(
                        "has key column \"" + name + "\" with a nondeterministic collation",
                        "Use a deterministic collation for the key.");
            }
        }
        return null;
    }

    /** A column that apply would have to set and cannot: an identity column GENERATED ALWAYS outside of every key. */
    private static @Nullable Obstacle columnObstacle(CatalogTable table) {
        for (CatalogColumn column : table.columns()) {
            boolean inKey =
                    table.uniques().stream().anyMatch(unique -> unique.columns().contains(column.name()));
            if (column.identity() == CatalogColumn.Identity.ALWAYS && !inKey) {
                return new Obstacle(
                        "has column \"" + column.name() + "\" GENERATED ALWAYS AS IDENTITY outside of its key, which"
                                + " no UPDATE can set",
                        "ALTER TABLE " + table.name().quoted() + " ALTER COLUMN " + TableName.quote(column.name())
                                + " SET GENERATED BY DEFAULT;");
            }
        }
        return null;
    }
}
