package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.connector.Connectors;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Positions;
import dev.replicator.model.Provenance;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.postgres.CopyRequest;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.Target;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Tables that one database is to be given whole once more, by the process that runs: recorded in that database, so that it is
 * done whatever becomes of the process and of who asked. Thread: the command's.
 */
interface WholeTables {
    /** Records it, and has the process see it. */
    void ask(AdminClient process);

    /** How many of them are still being copied. */
    int unfinished();

    /** {@code node}: a database that only receives. */
    static WholeTables ofPostgres(SyncSpec sync, int node, List<TableSchema> tables, String source) {
        return new InPostgres(sync, sync.node(node), there(sync, node, tables), source);
    }

    /** {@code node}: one that is filled by batches. */
    static WholeTables ofOther(
            SyncSpec sync, int node, List<TableSchema> tables, String source, Connectors connectors) {
        return new ByBatches(sync, node, tables, source, connectors);
    }

    /** The tables under the names they have on the target. */
    private static List<Table> there(SyncSpec sync, int node, List<TableSchema> tables) {
        return tables.stream()
                .map(TableSchema::table)
                .map(table -> sync.mapping(node, table.name()).named(table))
                .toList();
    }

    /** The session of the process there is ended, and begins anew with them. */
    record InPostgres(SyncSpec sync, DatabaseSpec database, List<Table> tables, String source) implements WholeTables {
        @Override
        public void ask(AdminClient process) {
            try (Connection connection = Sessions.open(database, "replicator copy")) {
                new CopyRequest(connection, database.name(), sync.name()).make(tables, source);
            } catch (SQLException e) {
                throw SqlErrors.doing("close the session on database \"" + database.name() + "\"", e);
            }
        }

        @Override
        public int unfinished() {
            try (Connection connection = Sessions.open(database, "replicator copy")) {
                return new CopyRequest(connection, database.name(), sync.name()).unfinished();
            } catch (SQLException e) {
                throw SqlErrors.doing("close the session on database \"" + database.name() + "\"", e);
            }
        }
    }

    /** The fence is taken for a moment, so that the process does not write over what is asked; then the sync begins again. */
    record ByBatches(SyncSpec sync, int node, List<TableSchema> tables, String source, Connectors connectors)
            implements WholeTables {
        private static final Duration RESTART = Duration.ofSeconds(60);

        @Override
        public void ask(AdminClient process) {
            try (FillableTarget target = open()) {
                target.start();
                List<JoinedTable> asked = there(sync, node, tables).stream()
                        .map(table -> new JoinedTable(table.name(), JoinedTable.State.COPYING, source, null))
                        .toList();
                target.write(new Batch(
                        1,
                        List.of(),
                        Positions.zero(sync.sourceCount()),
                        0,
                        List.of(),
                        List.of(),
                        0,
                        Provenance.UNKNOWN,
                        asked));
            }
            process.restart(sync.name(), RESTART);
        }

        @Override
        public int unfinished() {
            Set<TableName> names =
                    there(sync, node, tables).stream().map(Table::name).collect(Collectors.toSet());
            try (FillableTarget target = open()) {
                return (int) target.joined().stream()
                        .filter(table -> names.contains(table.table()) && table.state() == JoinedTable.State.COPYING)
                        .count();
            }
        }

        private FillableTarget open() {
            Target target = connectors.open(sync, node, tables);
            if (target instanceof FillableTarget fillable) {
                return fillable;
            }
            target.close();
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot copy tables to database \"" + sync.node(node).name() + "\"",
                    "Databases of kind " + sync.node(node).kind() + " cannot be filled with rows that stand elsewhere.",
                    null);
        }
    }
}
