package dev.replicator.resolve;

import dev.replicator.model.Row;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Somebody's own code that decides conflicts: by what the concurrent changes are it picks one, merges them, deletes the
 * row, asks for a person, or fails, in which case the newest stands.
 */
final class SimHandler {
    static final Resolution RESOLUTION = new Resolution.Decided("custom", SimHandler::contained);

    private SimHandler() {}

    private static Decision contained(Frontier frontier) {
        try {
            return decide(frontier);
        } catch (IllegalStateException e) {
            return new Decision.Winner(frontier.members().size() - 1, "custom failed");
        }
    }

    private static Decision decide(Frontier frontier) {
        int sum = 0;
        List<Row> rows = new ArrayList<>();
        for (Frontier.Member member : frontier.members()) {
            sum += (int) member.commitLsn() + member.database().charAt(1);
            Row row = member.row();
            if (row != null) {
                rows.add(row);
            }
        }
        return switch (sum % 5) {
            case 0 -> new Decision.Winner(sum % frontier.members().size(), "custom");
            case 1 -> new Decision.Delete("custom");
            case 2 -> new Decision.Quarantine("custom");
            case 3 -> throw new IllegalStateException("the handler fails");
            default -> rows.isEmpty() ? new Decision.Delete("custom") : merged(frontier, rows);
        };
    }

    private static Decision merged(Frontier frontier, List<Row> rows) {
        Map<String, String> columns = new HashMap<>(SimTable.columns(rows.get(rows.size() - 1)));
        columns.put("t", SimTable.columns(rows.get(0)).getOrDefault("t", ""));
        return new Decision.Merged(SimTable.row(SimTable.keyOf(frontier.key()), columns), "custom");
    }
}
