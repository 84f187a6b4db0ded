package dev.replicator.sample;

import dev.replicator.model.TableName;
import dev.replicator.spi.ConflictingChange;
import dev.replicator.spi.ExceptionHandler;
import dev.replicator.spi.ReadOnlySql;
import dev.replicator.spi.RefusedChange;
import dev.replicator.spi.RowChange;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Of two employees with one e-mail address the one that was updated last stays. The other is copied to table {@code
 * former_employee} and deleted, with its supplies. Of two that were updated at once the one with the larger id stays: which
 * of them was refused must make no difference.
 */
public final class NewestEmployee implements ExceptionHandler {
    private static final TableName EMPLOYEE = new TableName("public", "employee");
    private static final TableName FORMER = new TableName("public", "former_employee");
    private static final TableName SUPPLY = new TableName("public", "supply");

    @Override
    public Remedy decide(RefusedChange refused, ReadOnlySql sql) {
        if (!refused.table().equals(EMPLOYEE) || refused.others().size() != 1) {
            return Remedy.fallback();
        }
        Map<String, @Nullable Object> mine = rowOf(refused.refused());
        Map<String, @Nullable Object> other = rowOf(refused.others().get(0));
        Map<String, @Nullable Object> loser = isNewer(mine, other) ? other : mine;
        List<RowChange> changes = new ArrayList<>();
        changes.add(new RowChange.Upsert(FORMER, loser));
        for (Map<String, @Nullable Object> supply :
                sql.query(refused.database(), "SELECT id FROM public.supply WHERE employee = ?", loser.get("id"))) {
            changes.add(new RowChange.Delete(SUPPLY, supply));
        }
        changes.add(new RowChange.Delete(EMPLOYEE, loser));
        return new Remedy(changes, true, "of two employees with one address the one updated last stays");
    }

    private static Map<String, @Nullable Object> rowOf(ConflictingChange change) {
        Map<String, @Nullable Object> row = change.row();
        return row == null ? Map.of() : new LinkedHashMap<>(row);
    }

    private static boolean isNewer(Map<String, @Nullable Object> a, Map<String, @Nullable Object> b) {
        int byTime = time(a).compareTo(time(b));
        return byTime != 0 ? byTime > 0 : id(a) > id(b);
    }

    private static Instant time(Map<String, @Nullable Object> row) {
        return row.get("updated_at") instanceof Instant time ? time : Instant.MIN;
    }

    private static long id(Map<String, @Nullable Object> row) {
        return row.get("id") instanceof Long id ? id : 0;
    }
}
