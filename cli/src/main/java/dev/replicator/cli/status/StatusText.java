package dev.replicator.cli.status;

import dev.replicator.cli.config.ByteSize;
import dev.replicator.cli.config.TimeSpan;
import dev.replicator.model.SyncSpec.ClockLimit;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.ErrorStatus;
import dev.replicator.observe.FullCopyStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SlotStatus;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TablesStatus;
import dev.replicator.observe.TargetStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The status for people: a line per database, then what needs attention. */
public final class StatusText {
    private final Instant now;
    private final Function<String, @Nullable ClockLimit> clockLimits;

    /** {@code clockLimits}: the configured limit by sync, or null where it is not known. */
    public StatusText(Instant now, Function<String, @Nullable ClockLimit> clockLimits) {
        this.now = now;
        this.clockLimits = clockLimits;
    }

    public String render(List<SyncStatus> syncs) {
        StringBuilder text = new StringBuilder();
        for (SyncStatus sync : syncs) {
            text.append(text.isEmpty() ? "" : "\n");
            render(sync, text);
        }
        return text.toString();
    }

    private void render(SyncStatus sync, StringBuilder text) {
        text.append("sync ").append(sync.sync());
        if (sync.paused()) {
            text.append(": paused (\"replicator resume ").append(sync.sync()).append("\" ends it)");
        } else {
            text.append(sync.isHealthy() ? ": running" : ": needs attention");
        }
        if (sync.waitReason() != null) {
            text.append(", ").append(sync.waitReason());
        }
        text.append('\n');
        TextTable table = new TextTable(
                "database",
                "reads",
                "writes",
                "unread",
                "lag",
                "waiting",
                "read tx/rows",
                "applied tx/rows",
                "lost",
                "retained",
                "since",
                "clock");
        sync.databases().forEach(database -> row(database, table));
        if (!sync.databases().isEmpty()) {
            text.append(table.render("  "));
        }
        if (!sync.conflicts().isEmpty()) {
            text.append("  conflicts: ").append(conflicts(sync)).append('\n');
        }
        List<String> notes = new ArrayList<>();
        tables(sync.tables(), notes);
        sync.databases().forEach(database -> notes(sync.sync(), database, notes));
        sync.fullCopies().forEach(copy -> fullCopy(copy, notes));
        notes.forEach(
                note -> text.append("  ").append(note.replace("\n", "\n  ")).append('\n'));
    }

    private static void tables(TablesStatus tables, List<String> notes) {
        if (!tables.diverging().isEmpty()) {
            notes.add("diverges: " + String.join(", ", tables.diverging())
                    + " (policy skip: each database keeps its side of a conflict)");
        }
        for (TablesStatus.Handler handler : tables.handlers()) {
            notes.add("WARNING: " + handler.handler() + " of table " + handler.table() + " has failed "
                    + (handler.failures() == 1 ? "once" : handler.failures() + " times")
                    + " since the start, and the fallback decided: " + handler.last());
        }
    }

    private static String conflicts(SyncStatus sync) {
        return new TreeMap<>(sync.conflicts())
                .entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .collect(Collectors.joining(", "));
    }

    private static void row(DatabaseStatus database, TextTable table) {
        SourceStatus source = database.source();
        TargetStatus target = database.target();
        SlotStatus slot = database.slot();
        Duration offset = database.clockOffset();
        table.row(
                database.database(),
                source == null ? "-" : word(source.state()),
                target == null ? "-" : word(target.state()),
                source == null ? "-" : ByteSize.format(source.lagBytes()),
                target == null ? "-" : lag(target),
                target == null ? "-" : Long.toString(target.waitingTransactions()),
                source == null ? "-" : source.transactions() + "/" + source.rows(),
                target == null ? "-" : target.transactions() + "/" + target.rows(),
                source == null ? "-" : Long.toString(source.conflicts()),
                slot == null ? "-" : ByteSize.format(slot.retainedBytes()),
                slot == null || slot.age() == null ? "-" : TimeSpan.format(slot.age()),
                offset == null ? "-" : (offset.isNegative() ? "" : "+") + TimeSpan.format(offset));
    }

    private static String lag(TargetStatus target) {
        return TimeSpan.format(Duration.ofNanos(target.lagMicros() * 1000));
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private void notes(String sync, DatabaseStatus database, List<String> notes) {
        String name = database.database() + ": ";
        SourceStatus source = database.source();
        TargetStatus target = database.target();
        if (source != null && !source.reason().isEmpty()) {
            notes.add(name + "reading: " + source.reason());
        }
        if (target != null
                && !target.reason().isEmpty()
                && (source == null || !target.reason().equals(source.reason()))) {
            notes.add(name + "writing: " + target.reason());
        }
        if (target != null && target.quarantined() > 0) {
            notes.add("WARNING: " + name + "has refused " + target.quarantined()
                    + (target.quarantined() == 1 ? " change, which is" : " changes, which are")
                    + " put aside there; \"replicator quarantine list " + sync + "\" shows them");
        }
        if (database.waitReason() != null) {
            notes.add(name + database.waitReason());
        }
        if (database.slot() != null) {
            slotNote(name, database.slot(), notes);
        }
        ClockLimit limit = clockLimits.apply(sync);
        Duration offset = database.clockOffset();
        if (limit != null && offset != null && offset.abs().compareTo(limit.limit()) > 0) {
            notes.add("WARNING: " + name + "its clock is off by " + TimeSpan.format(offset.abs()) + ", more than "
                    + TimeSpan.format(limit.limit()));
        }
        if (database.lastError() != null) {
            notes.add(error(name, database.lastError()));
        }
    }

    private void fullCopy(FullCopyStatus status, List<String> notes) {
        String name = status.database() + ": ";
        StringBuilder text = new StringBuilder(name);
        if (status.copy() != null) {
            text.append(status.copy().inWords());
        } else if (status.finished() == null) {
            text.append("has not been copied whole yet");
        } else {
            text.append(String.format(
                    Locale.ROOT,
                    "%,d rows were copied whole from %s %s ago",
                    status.rows(),
                    status.source(),
                    span(Duration.between(status.finished(), now))));
        }
        if (status.waits() != null) {
            text.append("; ").append(status.waits());
        } else if (status.copy() == null && status.next() != null) {
            text.append(", next in ").append(span(Duration.between(now, status.next())));
        }
        notes.add(text.toString());
        if (status.lastError() != null) {
            notes.add(error(name, status.lastError()));
        }
    }

    private static String span(Duration span) {
        return TimeSpan.format(span.isNegative() ? Duration.ZERO : span);
    }

    static void slotNote(String name, SlotStatus slot, List<String> notes) {
        if (slot.invalidation() != null) {
            notes.add("ERROR:   " + name + "slot \"" + slot.slot() + "\" was invalidated by the server ("
                    + slot.invalidation() + ")");
        } else if (slot.retainedBytes() > slot.budgetBytes()) {
            notes.add("WARNING: " + name + "slot \"" + slot.slot() + "\" makes the server keep "
                    + ByteSize.format(slot.retainedBytes()) + " of log, more than its budget of "
                    + ByteSize.format(slot.budgetBytes()));
        } else if (slot.age() != null && slot.age().compareTo(slot.budgetAge()) > 0) {
            notes.add("WARNING: " + name + "slot \"" + slot.slot() + "\" makes the server keep log of "
                    + TimeSpan.format(slot.age()) + ", more than its budget of " + TimeSpan.format(slot.budgetAge()));
        } else if (slot.fullIn() != null) {
            notes.add((slot.isWarning() ? "WARNING: " : "") + name + "slot \"" + slot.slot()
                    + "\" will have spent its budget of " + ByteSize.format(slot.budgetBytes()) + " in about "
                    + TimeSpan.format(slot.fullIn()));
        }
    }

    private String error(String name, ErrorStatus error) {
        Duration ago = Duration.between(error.at(), now);
        StringBuilder text = new StringBuilder(error.current() ? "ERROR:   " : "overcome: ")
                .append(name)
                .append(error.primary())
                .append(" (")
                .append(TimeSpan.format(ago.isNegative() ? Duration.ZERO : ago))
                .append(" ago");
        if (error.count() > 1) {
            text.append(", ").append(error.count()).append(" times");
        }
        text.append(')');
        if (error.current()) {
            if (error.detail() != null) {
                text.append("\nDETAIL:  ").append(error.detail());
            }
            if (error.hint() != null) {
                text.append("\nHINT:    ").append(error.hint());
            }
        }
        return text.toString();
    }
}
