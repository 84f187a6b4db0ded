package dev.replicator.cli.conflict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.replicator.codec.KeyCodec;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Column;
import dev.replicator.model.ConflictRule;
import dev.replicator.model.ConflictRule.Named;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Frontier;
import dev.replicator.policy.Policy;
import dev.replicator.policy.Resolution;
import dev.replicator.postgres.ConflictHistory.Entry;
import dev.replicator.postgres.ConflictHistory.Side;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.CatalogTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Decides recorded conflicts of one table again, by another rule. Changes nothing.
 *
 * <p>Limits: it knows what the history keeps. Old rows are not kept, so that {@code columns} and counters cannot be
 * replayed; and the order of the changes is that of their commit times, but that under {@code latest} the one that won was
 * the newest.
 */
public final class WhatIf {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CatalogTable catalog;
    private final Table table;
    private final Relation relation;
    private final @Nullable Policy policy;

    /**
     * One decision, as it was and as it would be.
     *
     * @param recorded what won then
     * @param entries of the history that belong to it
     * @param row what would stand, as text by column; null: no row
     * @param decided false if nothing would be decided: the sync would stop
     * @param differs whether something else would stand
     * @param reason why
     */
    public record Outcome(
            Side recorded,
            List<Entry> entries,
            @Nullable Map<String, @Nullable String> row,
            boolean decided,
            boolean differs,
            String reason) {}

    /** Throws when the rule does not fit the table, or cannot be replayed. */
    public WhatIf(ConflictRule rule, CatalogTable catalog) {
        this.catalog = catalog;
        Resolution resolution = new Resolutions((handler, name, what) -> {}).of(rule, catalog);
        if (resolution instanceof Resolution.Decided decided) {
            policy = decided.policy();
        } else if (resolution instanceof Resolution.Replay replay && !replay.needsOldRows()) {
            policy = Resolutions.policy((Named) rule);
        } else {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE,
                    "cannot replay conflicts of table " + catalog.name() + " by policy " + rule.name(),
                    "It decides by what each change changed, or for each database by itself; the history does not tell.",
                    "Policies that name a winner, and code of yours, can be replayed.");
        }
        List<CatalogColumn> written =
                catalog.columns().stream().filter(column -> !column.generated()).toList();
        List<String> key = catalog.key().orElseThrow().columns();
        this.table = new Table(
                0,
                catalog.name(),
                key,
                key.stream()
                        .map(name ->
                                catalog.column(name).orElseThrow().baseType().replace("\"", ""))
                        .toList());
        this.relation = new Relation(
                table,
                written.stream()
                        .map(column -> new Column(column.name(), column.typeOid(), column.type(), column.typmod()))
                        .toList());
    }

    /** Entries of this table, decided again; one outcome for each decision, in the order of the entries. */
    public List<Outcome> replay(List<Entry> entries) {
        Map<String, List<Entry>> decisions = new LinkedHashMap<>();
        for (Entry entry : entries) {
            String decision = entry.sync() + " " + entry.winner().database() + " "
                    + entry.winner().commitLsn() + " " + entry.loser().key();
            decisions.computeIfAbsent(decision, each -> new ArrayList<>()).add(entry);
        }
        return decisions.values().stream().map(this::decide).toList();
    }

    private record Member(Side side, Frontier.Member member) {}

    private Outcome decide(List<Entry> entries) {
        Side winner = entries.get(0).winner();
        List<Member> members = new ArrayList<>();
        for (Entry entry : entries) {
            members.add(new Member(entry.loser(), member(entry.loser())));
        }
        // A merged row stands in the history under the newest change, which is then among those that lost.
        boolean merged = entries.stream().anyMatch(entry -> isSame(entry.loser(), winner));
        if (!merged) {
            members.add(new Member(winner, member(winner)));
        }
        members.sort(Comparator.comparing((Member member) -> isNewest(entries.get(0), member.side()))
                .thenComparing(member -> member.member().commitMicros())
                .thenComparing(member -> member.member().database()));
        if (members.size() < 2) {
            return new Outcome(winner, entries, null, false, false, "the history has only one of the changes");
        }
        Row key = row(JsonText.object(entries.get(0).loser().key()));
        Frontier frontier = new Frontier(
                new KeyCodec(table).keyOf(key),
                members.stream().map(Member::member).toList());
        Decision decision = java.util.Objects.requireNonNull(policy).decide(frontier);
        if (decision instanceof Decision.Stop) {
            return new Outcome(winner, entries, null, false, true, decision.reason());
        }
        Map<String, @Nullable String> row = standing(decision, frontier);
        Map<String, @Nullable String> before = isRemoval(winner) ? null : JsonText.object(winner.row());
        return new Outcome(winner, entries, row, true, !isSame(row, before), decision.reason());
    }

    private static boolean isNewest(Entry entry, Side side) {
        return entry.policy().startsWith("latest") && isSame(side, entry.winner());
    }

    private static boolean isSame(Side a, Side b) {
        return a.database().equals(b.database()) && a.commitLsn().equals(b.commitLsn());
    }

    private static boolean isSame(
            @Nullable Map<String, @Nullable String> row, @Nullable Map<String, @Nullable String> before) {
        if (row == null || before == null) {
            return row == before;
        }
        Map<String, @Nullable String> common = new LinkedHashMap<>(row);
        common.keySet().retainAll(before.keySet());
        Map<String, @Nullable String> known = new LinkedHashMap<>(before);
        known.keySet().retainAll(row.keySet());
        return common.equals(known);
    }

    private static boolean isRemoval(Side side) {
        return side.kind().equals("delete") || side.kind().equals("truncate");
    }

    private Frontier.Member member(Side side) {
        Instant time = side.commitTime() == null ? Instant.EPOCH : side.commitTime();
        return new Frontier.Member(
                side.database(),
                side.commitLsn().value(),
                TimeUnit.SECONDS.toMicros(time.getEpochSecond()) + time.getNano() / 1000,
                ChangeKind.valueOf(side.kind().toUpperCase(Locale.ROOT)),
                isRemoval(side) ? null : row(JsonText.object(side.row())),
                null);
    }

    private Row row(Map<String, @Nullable String> values) {
        Row.Builder row = new Row.Builder(relation);
        for (Column column : relation.columns()) {
            String value = values.get(column.name());
            if (value != null) {
                row.text(value);
            } else if (values.containsKey(column.name())) {
                row.nil();
            } else {
                row.absent();
            }
        }
        return row.build();
    }

    private @Nullable Map<String, @Nullable String> standing(Decision decision, Frontier frontier) {
        if (decision instanceof Decision.Merged merged) {
            return text(merged.row());
        }
        if (decision instanceof Decision.Delete) {
            return null;
        }
        Frontier.Member member =
                decision instanceof Decision.Winner winner ? frontier.members().get(winner.index()) : frontier.newest();
        return member.row() == null ? null : text(member.row());
    }

    private Map<String, @Nullable String> text(Row row) {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        for (int c = 0; c < relation.size(); c++) {
            if (!row.isAbsent(c)) {
                values.put(relation.columns().get(c).name(), row.isNull(c) ? null : row.text(c));
            }
        }
        return values;
    }

    /** The table that is looked at. */
    public CatalogTable table() {
        return catalog;
    }

    /** JSON objects of text forms. */
    static final class JsonText {
        private JsonText() {}

        static Map<String, @Nullable String> object(@Nullable String json) {
            Map<String, @Nullable String> values = new LinkedHashMap<>();
            try {
                JsonNode node = json == null ? JSON.createObjectNode() : JSON.readTree(json);
                node.properties()
                        .forEach(entry -> values.put(
                                entry.getKey(),
                                entry.getValue().isNull()
                                        ? null
                                        : entry.getValue().asText()));
                return values;
            } catch (JsonProcessingException e) {
                throw ReplicatorException.bug("cannot read a row of the conflict history", String.valueOf(json));
            }
        }
    }
}
