package dev.replicator.postgres;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.Table;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.KnownDatabases;
import dev.replicator.session.Sessions;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.FullLoad;
import dev.replicator.spi.FullLoading;
import dev.replicator.spi.Loading;
import dev.replicator.spi.TableLoad;
import dev.replicator.spi.TargetFactory;
import dev.replicator.spi.TargetRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.postgresql.PGProperty;

/**
 * Opens sessions on PostgreSQL databases, kind {@code postgres}. Installs the schema {@code replicator} where it is
 * missing. Thread: any.
 */
public final class PostgresTargetFactory implements TargetFactory, Loading, FullLoading {
    private static final int NETWORK_TIMEOUT_MILLIS = 120_000;

    private final KnownDatabases known = new KnownDatabases();

    @Override
    public String kind() {
        return "postgres";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("postgresql", "postgres", "jdbc:postgresql");
    }

    @Override
    public PostgresTarget open(TargetRequest request) {
        SyncSpec sync = request.sync();
        int node = request.node();
        List<Table> tables = request.plainTables();
        DatabaseSpec spec = request.database();
        String context = request.context();
        Connection connection;
        try {
            connection = Sessions.open(spec, "replicator " + sync.name() + " " + spec.name(), settings());
        } catch (ReplicatorException e) {
            throw e.within(context);
        }
        try {
            if (!spec.options().containsKey(PGProperty.SOCKET_TIMEOUT.getName())) {
                connection.setNetworkTimeout(Runnable::run, NETWORK_TIMEOUT_MILLIS);
            }
            known.verify(connection, spec, sync.name());
            boolean replicaRole = ReplicaRole.take(connection);
            ReplicatorSchema.install(connection, spec.name());
            // A server restored from elsewhere may have come back under the old address; of masters the reader sees to
            // it.
            if (node >= sync.sourceCount()) {
                DatabaseIdentity.verify(connection, spec.name(), sync.name(), false, false);
            }
            TargetCatalog catalog = new TargetCatalog(connection, spec.name());
            List<TargetTable> loaded = new ArrayList<>();
            for (Table table : tables) {
                loaded.add(catalog.load(table));
            }
            refuseWithoutPrivileges(spec.name(), loaded);
            if (!replicaRole) {
                refuseTriggers(spec.name(), loaded);
            }
            return new PostgresTarget(connection, sync, node, tables, new Shapes(catalog, spec.name(), loaded));
        } catch (SQLException e) {
            Sessions.closeQuietly(connection);
            throw SqlErrors.doing("open a session on database \"" + spec.name() + "\"", e)
                    .within(context);
        } catch (ReplicatorException e) {
            Sessions.closeQuietly(connection);
            throw e.within(context);
        }
    }

    @Override
    public Consumer<Batch> rehearsal() {
        return new RehearsedWrites();
    }

    @Override
    public TableLoad load(TargetRequest request) {
        return PostgresLoad.open(request.sync(), request.node(), request.plainTables());
    }

    @Override
    public FullLoad fullLoad(TargetRequest request) {
        return PostgresFullLoad.open(request.database(), request.sync().name());
    }

    /**
     * Joins stay index nested loops, whatever the statistics say; a session that waits for a lock or whose process stands
     * still lets go; a connection that is gone is noticed by the server, too.
     */
    private static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("synchronous_commit", "off");
        settings.put("enable_hashjoin", "off");
        settings.put("enable_mergejoin", "off");
        settings.put("enable_seqscan", "off");
        settings.put("enable_memoize", "off");
        settings.put("enable_material", "off");
        settings.put("jit", "off");
        settings.put("max_parallel_workers_per_gather", "0");
        settings.put("plan_cache_mode", "force_generic_plan");
        settings.put("lock_timeout", "5s");
        settings.put("idle_in_transaction_session_timeout", "60s");
        settings.put("client_connection_check_interval", "5s");
        settings.put("tcp_keepalives_idle", "10");
        settings.put("tcp_keepalives_interval", "5");
        settings.put("tcp_keepalives_count", "3");
        return settings;
    }

    private static void refuseWithoutPrivileges(String database, List<TargetTable> tables) {
        List<String> missing = new ArrayList<>();
        for (TargetTable table : tables) {
            if (table.missingPrivilege() != null) {
                missing.add(table.table().name() + " (" + table.missingPrivilege() + ")");
            }
        }
        if (!missing.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.PRIVILEGE,
                    "cannot write all tables of database \"" + database + "\"",
                    "Privileges are missing on: " + String.join(", ", missing) + ".",
                    "GRANT USAGE ON SCHEMA ..., and GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON TABLE ... TO the"
                            + " role; or run \"replicator check --sql\".");
        }
    }

    private static void refuseTriggers(String database, List<TargetTable> tables) {
        List<String> names = tables.stream()
                .filter(TargetTable::hasTriggers)
                .map(table -> table.table().name().toString())
                .toList();
        if (!names.isEmpty()) {
            throw ReplicatorException.fatal(
                    ErrorCode.PRIVILEGE,
                    "cannot write tables with triggers or foreign keys to database \"" + database + "\"",
                    "The session may not set session_replication_role, so they would fire on replicated rows: "
                            + String.join(", ", names) + ".",
                    "GRANT SET ON PARAMETER session_replication_role TO the role (PostgreSQL 15 and newer); on 14:"
                            + " ALTER ROLE ... SET session_replication_role = replica.");
        }
    }
}
