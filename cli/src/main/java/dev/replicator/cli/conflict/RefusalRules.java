package dev.replicator.cli.conflict;

import dev.replicator.handlers.CustomExceptions;
import dev.replicator.handlers.ExceptionTables;
import dev.replicator.handlers.FailureListener;
import dev.replicator.model.OnError;
import dev.replicator.model.OnError.Action;
import dev.replicator.model.SyncSpec;
import dev.replicator.model.TableName;
import dev.replicator.policy.ExceptionPolicy;
import dev.replicator.policy.ExceptionRules;
import dev.replicator.policy.ParentPolicies;
import dev.replicator.postgres.FollowedDecisions;
import dev.replicator.postgres.ReadOnlyQueries;
import dev.replicator.slot.Preflight;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Makes of a sync's {@code on_error} what the engine asks. */
public final class RefusalRules implements ExceptionRules {
    private final SyncSpec sync;
    private final CustomExceptions custom;
    private final FollowedDecisions followed;
    private final Map<OnError.Handler, ExceptionPolicy> known = new ConcurrentHashMap<>();

    /** Of a sync that has been checked; {@code failures}: hears of what handlers do wrong. */
    public RefusalRules(Preflight.Report report, FailureListener failures) {
        this.sync = report.sync();
        this.custom = new CustomExceptions(tables(report), new ReadOnlyQueries(sync), failures);
        this.followed = new FollowedDecisions(sync);
    }

    private static ExceptionTables tables(Preflight.Report report) {
        Map<TableName, ExceptionTables.Known> tables = new HashMap<>();
        report.tables()
                .forEach(table -> Resolutions.find(report, table.name())
                        .ifPresent(found -> tables.put(
                                table.name(), new ExceptionTables.Known(table, Resolutions.columns(found)))));
        return new ExceptionTables(tables);
    }

    @Override
    public @Nullable ExceptionPolicy of(TableName table, String sqlState, @Nullable String constraint) {
        OnError rule = sync.onError().of(table);
        Action action = rule.action(sqlState, constraint);
        OnError.Handler handler = rule.handler(sqlState, constraint);
        if (handler != null) {
            return policy(handler, table);
        }
        return action.isOfForeignKeys() ? ParentPolicies.of(action) : null;
    }

    /** Throws CONFIGURATION when the code cannot be used. */
    ExceptionPolicy policy(OnError.Handler handler, TableName table) {
        return known.computeIfAbsent(handler, one -> custom.policy(one, table));
    }

    @Override
    public boolean isFollowed(String decision) {
        return followed.contains(decision);
    }
}
