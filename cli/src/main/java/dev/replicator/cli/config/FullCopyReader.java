package dev.replicator.cli.config;

import dev.replicator.connector.Connectors;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.FullCopy;
import dev.replicator.model.FullCopy.Emptying;
import dev.replicator.model.FullCopy.Timetable;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads {@code fullcopy}: a list of databases, or a map of the list and how and when they are copied to. */
final class FullCopyReader {
    private static final Duration LEAST = Duration.ofSeconds(1);
    private static final List<String> KEYS = List.of("databases", "from", "method", "every", "daily_at");

    private final Values values;
    private final String what;
    private @Nullable Keys keys;
    private @Nullable Node listNode;

    FullCopyReader(Values values, String what) {
        this.values = values;
        this.what = what;
    }

    /** The databases; {@code reader} reads a list of them. */
    List<DatabaseSpec> databases(@Nullable Node node, BiFunction<Node, String, List<DatabaseSpec>> reader) {
        listNode = node;
        if (node instanceof MappingNode mapping) {
            keys = Keys.of(mapping, values.problems(), what, KEYS, List.of());
            listNode = keys.value("databases");
            if (listNode == null) {
                values.problems().at(node, what + " names no databases; write databases: [name, ...]");
            }
        }
        List<DatabaseSpec> databases = listNode == null ? List.of() : reader.apply(listNode, what);
        for (DatabaseSpec database : databases) {
            if (listNode != null && !database.kind().equals(Connectors.POSTGRES)) {
                values.problems()
                        .at(
                                listNode,
                                "database \"" + database.name() + "\" is of kind " + database.kind() + ", and only"
                                        + " PostgreSQL databases can be emptied and copied whole; name it under targets");
            }
        }
        return databases;
    }

    /** Null: there are none. {@code first}: the source that is named first. */
    @Nullable
    FullCopy read(List<DatabaseSpec> databases, List<DatabaseSpec> sources) {
        if (sources.isEmpty()) {
            return null;
        }
        DatabaseSpec source = sources.get(0);
        Emptying emptying = Emptying.DELETE;
        Timetable timetable = Timetable.NEVER;
        if (keys != null) {
            Node from = keys.value("from");
            Map<String, DatabaseSpec> names = new HashMap<>();
            sources.forEach(each -> names.put(each.name(), each));
            source = or(from == null ? null : values.choice(from, "from of " + what, names, List.of()), source);
            Node method = keys.value("method");
            Map<String, Emptying> methods = Map.of("delete", Emptying.DELETE, "truncate", Emptying.TRUNCATE);
            emptying = or(
                    method == null ? null : values.choice(method, "method of " + what, methods, List.of()), emptying);
            timetable = timetable(keys.value("every"), keys.value("daily_at"));
        }
        return databases.isEmpty() ? null : new FullCopy(source, databases, emptying, timetable);
    }

    private static <T> T or(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }

    private Timetable timetable(@Nullable Node everyNode, @Nullable Node dailyNode) {
        if (everyNode != null && dailyNode != null) {
            values.problems().at(dailyNode, what + " has both every and daily_at; leave one out");
        }
        Duration every = everyNode == null ? null : values.span(everyNode, "every of " + what, LEAST);
        String daily = dailyNode == null ? null : values.text(dailyNode, "daily_at of " + what);
        try {
            return new Timetable(every, daily == null ? null : LocalTime.parse(daily));
        } catch (DateTimeException e) {
            if (dailyNode != null) {
                values.problems()
                        .at(
                                dailyNode,
                                "daily_at of " + what
                                        + " must be a time of day in quotes, for instance \"03:30\", not \"" + daily
                                        + "\"");
            }
            return Timetable.NEVER;
        }
    }
}
