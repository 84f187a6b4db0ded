package dev.replicator.it.scenario;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.cli.daemon.Daemon;
import dev.replicator.it.harness.Fixture;
import dev.replicator.it.harness.RowComparison;
import dev.replicator.it.harness.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Values of every type arrive as they were, between the oldest and the newest server in both directions, in text form,
 * alone and as elements of arrays. The list of types is the oldest server's own.
 */
class TypesIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int ROWS = 6;
    private static final String[] USER_TYPES = {
        "CREATE SCHEMA \"My Types\"",
        "CREATE TYPE \"My Types\".\"Mood.\" AS ENUM ('so-so', 'it''s \"fine\"', 'ünï, code')",
        "CREATE TYPE pair AS (\"A\" int, b text, c \"My Types\".\"Mood.\"[])",
        "CREATE TYPE nested AS (p pair, many pair[])",
        "CREATE DOMAIN short AS varchar(9) CHECK (VALUE <> 'forbidden')",
        "CREATE DOMAIN shorter AS short NOT NULL DEFAULT 'x' CHECK (length(VALUE) < 5)",
        "CREATE DOMAIN numbers AS int[] CHECK (array_length(VALUE, 1) < 4)",
        "CREATE TYPE floats AS RANGE (subtype = float8, subtype_diff = float8mi)",
        "CREATE EXTENSION hstore",
        """
        CREATE TABLE own (id int PRIMARY KEY, mood "My Types"."Mood.", moods "My Types"."Mood."[], p pair, ps pair[],
          n nested, s short, ss short[], t shorter, nums numbers, f floats, fs floats[], fm floats_multirange,
          h hstore, hs hstore[], row_type family_b)""",
        "CREATE TABLE by_mood (mood \"My Types\".\"Mood.\" PRIMARY KEY, v text)",
    };

    private static final Fixture FIXTURE = new Fixture();
    private static final Map<String, List<Type>> FAMILIES = new TreeMap<>();
    private static Daemon daemon;

    /** A type of pg_type: its name as SQL has it, that of its array type or empty, and what stands between elements. */
    private record Type(String name, String quoted, String array, char delimiter) {}

    @BeforeAll
    static void start() {
        FIXTURE.databases(List.of("text14"), List.of(Servers.of(Servers.OLDEST)))
                .databases(List.of("text18"), List.of(Servers.of(Servers.NEWEST)));
        readTypes();
        for (String database : FIXTURE.names()) {
            FAMILIES.forEach((family, types) -> {
                FIXTURE.run(database, table("family_" + family, types));
            });
        }
        for (String database : List.of("text14", "text18")) {
            FIXTURE.run(
                    database,
                    table(
                            "wide",
                            FAMILIES.values().stream().flatMap(List::stream).toList()));
            FIXTURE.run(database, USER_TYPES);
        }
        FIXTURE.sync("text", List.of("text14", "text18"), List.of()).grant();
        daemon = FIXTURE.start();
    }

    @AfterAll
    static void stop() {
        FIXTURE.close();
    }

    /** Types by category as pg_type has it. */
    private static void readTypes() {
        for (String line : FIXTURE.query("text14", """
                SELECT concat_ws(' ', lower(t.typcategory), t.typname, t.typdelim, coalesce(a.typname, '-'))
                FROM pg_type t LEFT JOIN pg_type a ON a.oid = t.typarray
                WHERE t.typtype IN ('b', 'r', 'm') AND t.typnamespace = 'pg_catalog'::regnamespace
                  AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
                ORDER BY t.typname""")) {
            String[] fields = line.split(" ", -1);
            String name = fields[1];
            Type type = new Type(
                    name,
                    "pg_catalog.\"" + name + '"',
                    fields[3].equals("-") ? "" : "pg_catalog.\"" + fields[3] + '"',
                    fields[2].charAt(0));
            FAMILIES.computeIfAbsent(fields[0], family -> new ArrayList<>()).add(type);
        }
    }

    private static String table(String name, List<Type> types) {
        List<String> columns = new ArrayList<>(List.of("id int PRIMARY KEY"));
        for (Type type : types.stream().distinct().toList()) {
            String column = '"' + type.name() + '"';
            if (columns.stream().noneMatch(other -> other.startsWith(column + " "))) {
                // Without a length, "bit" would be one bit long, and "bpchar" is as long as it likes.
                columns.add(column + " " + type.quoted());
            }
            String array = "\"array of " + type.name() + '"';
            if (!type.array().isEmpty() && columns.stream().noneMatch(other -> other.startsWith(array + " "))) {
                columns.add(array + " " + type.array());
            }
        }
        return "CREATE TABLE " + name + " (" + String.join(", ", columns) + ")";
    }

    @Test
    void everyTypeOfTheOldestServerHasSamplesOrTakesNone() {
        assertThat(FAMILIES.values().stream().mapToInt(List::size).sum()).isGreaterThan(70);
        for (Type type : FAMILIES.values().stream().flatMap(List::stream).toList()) {
            if (TypeSamples.WITHOUT_INPUT.contains(type.name())) {
                assertThatThrownBy(() -> FIXTURE.query("text14", "SELECT ''::" + type.quoted()))
                        .hasMessageMatching("(?s).*(cannot accept a value|not implemented).*");
            } else {
                assertThat(TypeSamples.of(type.name()))
                        .as("samples of type %s", type.name())
                        .isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"text14, text18", "text18, text14"})
    void valuesOfEveryTypeArriveAsTheyWere(String from, String to) {
        int first = from.endsWith("14") ? 100 : 200;
        List<String> tables = new ArrayList<>();
        FAMILIES.forEach((family, types) -> {
            tables.add("family_" + family);
            write(from, "family_" + family, types, first);
        });
        tables.add("wide");
        write(
                from,
                "wide",
                FAMILIES.values().stream().flatMap(List::stream).distinct().toList(),
                first);
        settle("text", List.of(from, to), tables);
        for (String table : tables) {
            assertThat(FIXTURE.query(to, "SELECT id FROM " + table + " WHERE id >= " + first))
                    .hasSizeGreaterThan(ROWS);
        }
    }

    /** Many rows at once, one row alone, NULL everywhere; then every value takes the place of another, by UPDATE. */
    private static void write(String database, String table, List<Type> types, int first) {
        FIXTURE.run(
                database,
                IntStream.range(0, ROWS)
                        .mapToObj(row -> insert(table, types, first + row, row))
                        .collect(joining(";")));
        FIXTURE.run(
                database,
                insert(table, types, first + ROWS, ROWS),
                "INSERT INTO " + table + " (id) VALUES (" + (first + ROWS + 1) + ")");
        FIXTURE.run(database, update(table, types, first, 1), update(table, types, first + ROWS + 1, 2));
    }

    private static String insert(String table, List<Type> types, int id, int row) {
        List<String> names = new ArrayList<>(List.of("id"));
        List<String> values = new ArrayList<>(List.of(Integer.toString(id)));
        columns(types, row, names, values);
        return "INSERT INTO " + table + " (" + String.join(", ", names) + ") VALUES (" + String.join(", ", values)
                + ")";
    }

    private static String update(String table, List<Type> types, int id, int row) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        columns(types, row, names, values);
        return "UPDATE " + table + " SET (" + String.join(", ", names) + ") = ROW (" + String.join(", ", values)
                + ") WHERE id = " + id;
    }

    private static void columns(List<Type> types, int row, List<String> names, List<String> values) {
        for (Type type : types) {
            List<String> samples = TypeSamples.of(type.name());
            if (samples.isEmpty() || names.contains('"' + type.name() + '"')) {
                continue;
            }
            String one = samples.get(row % samples.size());
            names.add('"' + type.name() + '"');
            values.add(literal(one) + "::" + type.quoted());
            if (!type.array().isEmpty()) {
                names.add("\"array of " + type.name() + '"');
                String other = samples.get((row + 1) % samples.size());
                values.add(literal(array(type, one, other, row)) + "::" + type.array());
            }
        }
    }

    /** Empty, one dimension with NULL, two dimensions, and indexes that do not begin at 1, in turn. */
    private static String array(Type type, String one, String other, int row) {
        String a = element(one);
        String b = element(other);
        char d = type.delimiter();
        return switch (row % 4) {
            case 0 -> "{" + a + d + "NULL" + d + b + "}";
            case 1 -> "{}";
            case 2 -> "{{" + a + d + b + "}" + d + "{NULL" + d + a + "}}";
            default -> "[0:1]={" + b + d + a + "}";
        };
    }

    private static String element(String value) {
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String literal(String value) {
        return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private static void settle(String sync, List<String> databases, List<String> tables) {
        daemon.kick(FIXTURE.syncName(sync), LIMIT);
        new RowComparison(FIXTURE, databases, tables.toArray(String[]::new)).awaitEqual(LIMIT, daemon::status);
    }

    @ParameterizedTest
    @CsvSource({"text14, text18, 1", "text18, text14, 11"})
    void valuesOfTypesOfOnesOwnArriveAsTheyWere(String from, String to, int first) {
        for (int id = first; id < first + 5; id++) {
            FIXTURE.run(from, """
                    INSERT INTO own VALUES (%d, 'it''s "fine"', '{so-so,NULL,"ünï, code"}',
                      (1, 'a "b", (c) \\', '{"it''s \\"fine\\"",NULL}'), ARRAY[(1, NULL, NULL)::pair, NULL],
                      ((NULL, '', '{}')::pair, ARRAY[(2, E'tab\\t', '{so-so}')::pair])::nested,
                      'nine char', '{ab,NULL,"c d"}', 'four', '{1,NULL,3}', '[1.5,Infinity)', '{empty,"(,2]"}',
                      '{[1,2),[3,4)}', 'a=>"b \\"c\\"", "d\\\\"=>NULL', '{"a=>1",NULL}', ROW (NULL, true, NULL))""".formatted(id));
        }
        FIXTURE.run(
                from,
                "INSERT INTO own (id) VALUES (" + (first + 5) + ")",
                "UPDATE own SET mood = 'so-so', p = NULL, t = 'y', h = '' WHERE id = " + first);
        settle("text", List.of(from, to), List.of("own"));
        assertThat(FIXTURE.query(to, "SELECT id FROM own WHERE id >= " + first)).hasSizeGreaterThan(5);
    }
}
