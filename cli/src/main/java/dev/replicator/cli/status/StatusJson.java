package dev.replicator.cli.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.replicator.model.Lsn;
import dev.replicator.observe.CopyStatus;
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
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The status as JSON, and back. The keys are a promise to whoever reads them: they are added to, never renamed. Sizes are
 * bytes, times are seconds with a fraction, moments are ISO 8601, log positions are PostgreSQL's text.
 */
public final class StatusJson {
    private static final JsonNodeFactory MAKE = JsonNodeFactory.instance;

    private StatusJson() {}

    /** {@code {"running": ..., "syncs": [...]}}. {@code running}: whether a process answered. */
    public static ObjectNode write(boolean running, List<SyncStatus> syncs) {
        ObjectNode root = MAKE.objectNode();
        root.put("running", running);
        ArrayNode array = root.putArray("syncs");
        for (SyncStatus sync : syncs) {
            ObjectNode node = array.addObject();
            node.put("sync", sync.sync());
            node.put("healthy", sync.isHealthy());
            node.put("paused", sync.paused());
            node.put("wait_reason", sync.waitReason());
            ObjectNode conflicts = node.putObject("conflicts");
            new TreeMap<>(sync.conflicts()).forEach(conflicts::put);
            sync.tables().diverging().forEach(node.putArray("diverging_tables")::add);
            ArrayNode handlers = node.putArray("handler_failures");
            sync.tables()
                    .handlers()
                    .forEach(each -> handlers.addObject()
                            .put("table", each.table())
                            .put("handler", each.handler())
                            .put("failures", each.failures())
                            .put("last", each.last()));
            ArrayNode databases = node.putArray("databases");
            sync.databases().forEach(database -> databases.add(database(database)));
            ArrayNode copies = node.putArray("fullcopies");
            sync.fullCopies().forEach(copy -> copies.add(fullCopy(copy)));
        }
        return root;
    }

    /** The syncs of what {@link #write} wrote. */
    public static List<SyncStatus> read(JsonNode root) {
        List<SyncStatus> syncs = new ArrayList<>();
        for (JsonNode node : root.path("syncs")) {
            List<DatabaseStatus> databases = new ArrayList<>();
            node.path("databases").forEach(database -> databases.add(database(database)));
            List<FullCopyStatus> copies = new ArrayList<>();
            node.path("fullcopies").forEach(copy -> copies.add(fullCopy(copy)));
            syncs.add(new SyncStatus(
                    node.path("sync").asText(),
                    node.path("paused").asBoolean(),
                    text(node.path("wait_reason")),
                    databases,
                    conflicts(node.path("conflicts")),
                    tables(node),
                    copies));
        }
        return syncs;
    }

    private static TablesStatus tables(JsonNode node) {
        List<String> diverging = new ArrayList<>();
        node.path("diverging_tables").forEach(table -> diverging.add(table.asText()));
        List<TablesStatus.Handler> handlers = new ArrayList<>();
        node.path("handler_failures")
                .forEach(each -> handlers.add(new TablesStatus.Handler(
                        each.path("table").asText(),
                        each.path("handler").asText(),
                        each.path("failures").asLong(),
                        each.path("last").asText())));
        return new TablesStatus(diverging, handlers);
    }

    private static Map<String, Long> conflicts(JsonNode node) {
        Map<String, Long> conflicts = new TreeMap<>();
        node.properties()
                .forEach(entry -> conflicts.put(entry.getKey(), entry.getValue().asLong()));
        return conflicts;
    }

    private static ObjectNode database(DatabaseStatus status) {
        ObjectNode node = MAKE.objectNode();
        node.put("database", status.database());
        node.put("healthy", status.isHealthy());
        node.put("wait_reason", status.waitReason());
        node.set("clock_offset_seconds", seconds(status.clockOffset()));
        SourceStatus source = status.source();
        if (source == null) {
            node.putNull("source");
        } else {
            node.putObject("source")
                    .put("state", word(source.state()))
                    .put("reason", source.reason())
                    .put("position", Lsn.format(source.position()))
                    .put("server_end", Lsn.format(source.serverEnd()))
                    .put("acknowledged", Lsn.format(source.acknowledged()))
                    .put("lag_bytes", source.lagBytes())
                    .put("transactions", source.transactions())
                    .put("rows", source.rows())
                    .put("conflicts", source.conflicts());
        }
        TargetStatus target = status.target();
        if (target == null) {
            node.putNull("target");
        } else {
            node.putObject("target")
                    .put("state", word(target.state()))
                    .put("reason", target.reason())
                    .put("transactions", target.transactions())
                    .put("rows", target.rows())
                    .put("batches", target.batches())
                    .put("waiting_transactions", target.waitingTransactions())
                    .put("waiting_bytes", target.waitingBytes())
                    .put("lag_seconds", target.lagMicros() / 1e6)
                    .put("quarantined", target.quarantined())
                    .set("copy", copy(target.copy()));
        }
        node.set("slot", slot(status.slot()));
        node.set("last_error", error(status.lastError()));
        return node;
    }

    private static ObjectNode fullCopy(FullCopyStatus status) {
        ObjectNode node = MAKE.objectNode();
        node.put("database", status.database());
        node.put("healthy", status.isHealthy());
        node.put("source", status.source());
        node.put("finished", text(status.finished()));
        node.put("rows", status.rows());
        node.put("next", text(status.next()));
        node.put("wait_reason", status.waits());
        node.set("copy", copy(status.copy()));
        node.set("last_error", error(status.lastError()));
        return node;
    }

    private static @Nullable String text(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static FullCopyStatus fullCopy(JsonNode node) {
        JsonNode error = node.path("last_error");
        return new FullCopyStatus(
                node.path("database").asText(),
                text(node.path("source")),
                instant(node.path("finished")),
                node.path("rows").asLong(),
                instant(node.path("next")),
                text(node.path("wait_reason")),
                copy(node.path("copy")),
                error.isObject() ? error(error) : null);
    }

    private static @Nullable Instant instant(JsonNode node) {
        return node.isTextual() ? Instant.parse(node.asText()) : null;
    }

    private static JsonNode copy(@Nullable CopyStatus copy) {
        if (copy == null) {
            return MAKE.nullNode();
        }
        ObjectNode node = MAKE.objectNode();
        node.put("tables", copy.tables());
        node.put("tables_done", copy.tablesDone());
        node.put("rows", copy.rows());
        node.put("total_rows", copy.totalRows());
        node.put("bytes", copy.bytes());
        node.put("rows_per_second", copy.rowsPerSecond());
        node.set("remaining_seconds", seconds(copy.remaining()));
        return node;
    }

    private static @Nullable CopyStatus copy(JsonNode node) {
        return node.isObject()
                ? new CopyStatus(
                        node.path("tables").asInt(),
                        node.path("tables_done").asInt(),
                        node.path("rows").asLong(),
                        node.path("total_rows").asLong(),
                        node.path("bytes").asLong(),
                        node.path("rows_per_second").asDouble(),
                        duration(node.path("remaining_seconds")))
                : null;
    }

    private static JsonNode slot(@Nullable SlotStatus slot) {
        if (slot == null) {
            return MAKE.nullNode();
        }
        ObjectNode node = MAKE.objectNode();
        node.put("slot", slot.slot());
        node.put("active", slot.active());
        node.put("retained_bytes", slot.retainedBytes());
        node.put("budget_bytes", slot.budgetBytes());
        node.set("age_seconds", seconds(slot.age()));
        node.set("budget_age_seconds", seconds(slot.budgetAge()));
        node.set("full_in_seconds", seconds(slot.fullIn()));
        node.put("invalidation", slot.invalidation());
        node.put("warning", slot.isWarning());
        return node;
    }

    private static JsonNode error(@Nullable ErrorStatus error) {
        if (error == null) {
            return MAKE.nullNode();
        }
        ObjectNode node = MAKE.objectNode();
        node.put("code", error.code());
        node.put("primary", error.primary());
        node.put("detail", error.detail());
        node.put("hint", error.hint());
        node.put("context", error.context());
        node.put("at", error.at().toString());
        node.put("count", error.count());
        node.put("current", error.current());
        return node;
    }

    private static DatabaseStatus database(JsonNode node) {
        JsonNode source = node.path("source");
        JsonNode target = node.path("target");
        JsonNode slot = node.path("slot");
        JsonNode error = node.path("last_error");
        return new DatabaseStatus(
                node.path("database").asText(),
                source.isObject() ? source(source) : null,
                target.isObject() ? target(target) : null,
                text(node.path("wait_reason")),
                slot.isObject() ? slot(slot) : null,
                duration(node.path("clock_offset_seconds")),
                error.isObject() ? error(error) : null);
    }

    private static SourceStatus source(JsonNode node) {
        return new SourceStatus(
                state(node),
                node.path("reason").asText(),
                lsn(node.path("position")),
                lsn(node.path("server_end")),
                lsn(node.path("acknowledged")),
                node.path("transactions").asLong(),
                node.path("rows").asLong(),
                node.path("conflicts").asLong());
    }

    private static TargetStatus target(JsonNode node) {
        return new TargetStatus(
                state(node),
                node.path("reason").asText(),
                node.path("transactions").asLong(),
                node.path("rows").asLong(),
                node.path("batches").asLong(),
                node.path("waiting_transactions").asLong(),
                node.path("waiting_bytes").asLong(),
                Math.round(node.path("lag_seconds").asDouble() * 1e6),
                node.path("quarantined").asLong(),
                copy(node.path("copy")));
    }

    private static SlotStatus slot(JsonNode node) {
        Duration budgetAge = duration(node.path("budget_age_seconds"));
        return new SlotStatus(
                node.path("slot").asText(),
                node.path("active").asBoolean(),
                node.path("retained_bytes").asLong(),
                node.path("budget_bytes").asLong(),
                duration(node.path("age_seconds")),
                budgetAge == null ? Duration.ZERO : budgetAge,
                duration(node.path("full_in_seconds")),
                text(node.path("invalidation")));
    }

    private static ErrorStatus error(JsonNode node) {
        return new ErrorStatus(
                node.path("code").asText(),
                node.path("primary").asText(),
                text(node.path("detail")),
                text(node.path("hint")),
                text(node.path("context")),
                Instant.parse(node.path("at").asText()),
                node.path("count").asLong(),
                node.path("current").asBoolean());
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    private static State state(JsonNode node) {
        return State.valueOf(node.path("state").asText().toUpperCase(Locale.ROOT));
    }

    private static long lsn(JsonNode node) {
        return node.isTextual() ? Lsn.parse(node.asText()).value() : 0;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.asText() : null;
    }

    private static JsonNode seconds(@Nullable Duration span) {
        return span == null ? MAKE.nullNode() : MAKE.numberNode(span.toNanos() / 1e9);
    }

    private static @Nullable Duration duration(JsonNode seconds) {
        return seconds.isNumber() ? Duration.ofNanos(Math.round(seconds.asDouble() * 1e9)) : null;
    }
}
