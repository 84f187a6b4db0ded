package dev.replicator.handlers;

import dev.replicator.handlers.TableColumns.ColumnType;
import dev.replicator.model.Row;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Policy;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A handler of the user's as a policy of one table.
 *
 * <p>Guarantees: it always answers, and never throws. What the handler throws, or answers without sense, is counted by the
 * listener, and the fallback decides, with the failure named in its reason. Where this machine was the reason (no memory)
 * the same question might be answered otherwise tomorrow, so nothing is decided: the sync pauses.
 *
 * <p>Thread: that of the sync's resolver.
 */
public final class HandlerPolicy implements Policy {
    private static final int REMEMBERED = 64;

    private final String name;
    private final ConflictHandler handler;
    private final TableColumns table;
    private final Map<String, ColumnType> columns;
    private final Policy fallback;
    private final FailureListener failures;
    private final Deque<Decided> recent = new ArrayDeque<>();

    /** {@code name}: how it is called in reasons and messages: {@code script "stock.js"}. */
    public HandlerPolicy(
            String name, ConflictHandler handler, TableColumns table, Policy fallback, FailureListener failures) {
        this.name = name;
        this.handler = handler;
        this.table = table;
        this.columns = table.byName();
        this.fallback = fallback;
        this.failures = failures;
    }

    @Override
    public Decision decide(Frontier frontier) {
        for (Decided before : recent) {
            if (before.isOf(frontier)) {
                return before.decision;
            }
        }
        Decision decision = ask(frontier);
        recent.addFirst(new Decided(frontier, decision));
        if (recent.size() > REMEMBERED) {
            recent.removeLast();
        }
        return decision;
    }

    /** A decision, to spare the handler the same question: a resolver asks before and after each change. */
    private record Decided(Frontier frontier, Decision decision) {
        boolean isOf(Frontier other) {
            boolean same = frontier.key().equals(other.key())
                    && frontier.members().size() == other.members().size();
            for (int i = 0; same && i < other.members().size(); i++) {
                same = isSame(frontier.members().get(i), other.members().get(i));
            }
            return same;
        }

        private static boolean isSame(Frontier.Member a, Frontier.Member b) {
            return a.commitLsn() == b.commitLsn()
                    && a.kind() == b.kind()
                    && a.database().equals(b.database())
                    && isSame(a.row(), b.row())
                    && isSame(a.old(), b.old());
        }

        private static boolean isSame(@Nullable Row a, @Nullable Row b) {
            return a == b || (a != null && b != null && a.sameValues(b));
        }
    }

    private Decision ask(Frontier frontier) {
        try {
            Answer answer = handler.decide(table.table(), changes(frontier));
            return decision(frontier, Objects.requireNonNull(answer, "it answered null"));
        } catch (HandlerFailure e) {
            return failed(frontier, e.what());
        } catch (StackOverflowError e) {
            return failed(frontier, "its calls are nested too deeply");
        } catch (VirtualMachineError e) {
            return new Decision.Stop(name + ": it could not run on this machine: " + e);
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // A message of the user's own may hold values of the row: only the class is told.
            return failed(frontier, "it threw " + e.getClass().getName());
        }
    }

    private List<ConflictingChange> changes(Frontier frontier) {
        List<ConflictingChange> changes = new ArrayList<>();
        for (Frontier.Member member : frontier.members()) {
            changes.add(new ConflictingChange(
                    member.database(),
                    Instant.EPOCH
                            .plusSeconds(Math.floorDiv(member.commitMicros(), TimeUnit.SECONDS.toMicros(1)))
                            .plusNanos(Math.floorMod(member.commitMicros(), TimeUnit.SECONDS.toMicros(1)) * 1000),
                    member.kind(),
                    values(member.row()),
                    values(member.old())));
        }
        return changes;
    }

    private @Nullable Map<String, @Nullable Object> values(@Nullable Row row) {
        return row == null ? null : new RowValues(row, columns);
    }

    private Decision decision(Frontier frontier, Answer answer) {
        if (answer instanceof Answer.Take take) {
            return winner(frontier, take.index());
        }
        if (answer instanceof Answer.Merge merge) {
            return merged(frontier, merge);
        }
        if (answer instanceof Answer.Remove) {
            return new Decision.Delete(name + ": it removed the row");
        }
        if (answer instanceof Answer.Quarantine quarantine) {
            return new Decision.Quarantine(name + ": " + quarantine.reason());
        }
        if (answer instanceof Answer.Stop stop) {
            return new Decision.Stop(name + ": " + stop.reason());
        }
        return withReason(fallback.decide(frontier), name + " left it to the fallback, ");
    }

    private Decision winner(Frontier frontier, int index) {
        if (index < 0 || index >= frontier.members().size()) {
            throw new HandlerFailure(
                    "it chose change " + index + " of " + frontier.members().size());
        }
        return new Decision.Winner(
                index,
                name + ": it chose the change on "
                        + frontier.members().get(index).database());
    }

    private Decision merged(Frontier frontier, Answer.Merge merge) {
        if (merge.base() < 0 || merge.base() >= frontier.members().size()) {
            throw new HandlerFailure("it merged into change " + merge.base() + " of "
                    + frontier.members().size());
        }
        Row base = frontier.members().get(merge.base()).row();
        if (base == null) {
            throw new HandlerFailure("it merged into a change that removed the row");
        }
        List<Row> rows = new ArrayList<>();
        rows.add(base);
        frontier.members().stream()
                .map(Frontier.Member::row)
                .filter(row -> row != null && row != base)
                .forEach(rows::add);
        Row row = new MergedRow(table, rows).of(base, merge.columns());
        return row.sameValues(base)
                ? winner(frontier, merge.base())
                : new Decision.Merged(row, name + ": it merged the changes");
    }

    private Decision failed(Frontier frontier, String what) {
        failures.failed(name, table.table(), what);
        return withReason(fallback.decide(frontier), name + " failed (" + what + "), so the fallback decided, ");
    }

    private static Decision withReason(Decision decision, String before) {
        String reason = before + decision.reason();
        if (decision instanceof Decision.Winner winner) {
            return new Decision.Winner(winner.index(), reason);
        }
        if (decision instanceof Decision.Merged merged) {
            return new Decision.Merged(merged.row(), reason);
        }
        if (decision instanceof Decision.Delete) {
            return new Decision.Delete(reason);
        }
        return decision instanceof Decision.Quarantine ? new Decision.Quarantine(reason) : new Decision.Stop(reason);
    }
}
