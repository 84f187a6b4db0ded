package dev.replicator.it.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.it.contract.ContractServer.Place;
import dev.replicator.it.contract.MySqlServer;
import dev.replicator.it.harness.Fixture;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table with a column of each type of MySQL and MariaDB: rows of the least values, the greatest, and NULL. */
final class SourceTypes {
    private static final List<Type> TYPES = List.of(
            new Type("tinyint", "smallint", "-128", "127", "-128", "127"),
            new Type("tinyint unsigned", "smallint", "0", "255", "0", "255"),
            new Type("tinyint(1)", "boolean", "0", "1", "false", "true"),
            new Type("smallint", "smallint", "-32768", "32767", "-32768", "32767"),
            new Type("smallint unsigned", "int", "0", "65535", "0", "65535"),
            new Type("mediumint", "int", "-8388608", "8388607", "-8388608", "8388607"),
            new Type("mediumint unsigned", "int", "0", "16777215", "0", "16777215"),
            new Type("int", "int", "-2147483648", "2147483647", "-2147483648", "2147483647"),
            new Type("int unsigned", "bigint", "0", "4294967295", "0", "4294967295"),
            new Type("bigint", "bigint", "-9223372036854775808", "9223372036854775807"),
            new Type("bigint unsigned", "numeric(20)", "0", "18446744073709551615"),
            new Type(
                    "decimal(65,30)",
                    "numeric",
                    "-0.000000000000000000000000000001",
                    "9".repeat(35) + "." + "9".repeat(30)),
            new Type("float", "real", "-3.40282e38", "1.5", "-3.40282e+38", "1.5"),
            new Type("double", "double precision", "-1.7976931348623157e308", "0.1", "-1.7976931348623157e+308", "0.1"),
            new Type("bit(1)", "boolean", "b'0'", "b'1'", "false", "true"),
            new Type("bit(12)", "bit(12)", "b'000000000001'", "b'101010101010'", "000000000001", "101010101010"),
            new Type("date", "date", "'1000-01-01'", "'9999-12-31'", "1000-01-01", "9999-12-31"),
            new Type(
                    "datetime",
                    "timestamp",
                    "'1000-01-01 00:00:00'",
                    "'9999-12-31 23:59:59'",
                    "1000-01-01 00:00:00",
                    "9999-12-31 23:59:59"),
            new Type(
                    "datetime(6)",
                    "timestamp",
                    "'1969-12-31 23:59:59.999999'",
                    "'2020-02-29 12:00:00.000001'",
                    "1969-12-31 23:59:59.999999",
                    "2020-02-29 12:00:00.000001"),
            new Type(
                    "timestamp(3)",
                    "timestamptz",
                    "'1970-01-02 00:00:00.001'",
                    "'2038-01-18 03:14:07.999'",
                    "1970-01-02 00:00:00.001+00",
                    "2038-01-18 03:14:07.999+00"),
            new Type("time(6)", "interval", "'-838:59:59'", "'838:59:58.999999'", "-838:59:59", "838:59:58.999999"),
            new Type("time", "time", "'00:00:00'", "'23:59:59'", "00:00:00", "23:59:59"),
            new Type("year", "smallint", "1901", "2155", "1901", "2155"),
            new Type("char(5)", "text", "''", "'ab'", "", "ab"),
            new Type("varchar(50)", "text", "'\\\\ \\t\\n \\' \"'", "'Ünïcode 🎭 €'", "\\ \t\n ' \"", "Ünïcode 🎭 €"),
            new Type("longtext", "text", "''", "repeat('x', 100000)", "", "x".repeat(100000)),
            new Type("binary(3)", "bytea", "x'000000'", "x'00ff27'", "\\x000000", "\\x00ff27"),
            new Type("varbinary(9)", "bytea", "x''", "x'5c00'", "\\x", "\\x5c00"),
            new Type("longblob", "bytea", "x''", "x'ff00ff'", "\\x", "\\xff00ff"),
            new Type("enum('a','b c','d\\'')", "text", "'a'", "'d\\''", "a", "d'"),
            new Type("set('x','y','z')", "text", "''", "'x,z'", "", "x,z"),
            new Type(
                    "point",
                    "bytea",
                    "ST_GeomFromText('POINT(1 2)')",
                    "ST_GeomFromText('POINT(0 0)')",
                    "\\x0101000000000000000000f03f0000000000000040",
                    "\\x010100000000000000000000000000000000000000"));

    private SourceTypes() {}

    /** How a type is declared there and here; the two values there as SQL, and here as text. */
    private record Type(
            String there, String here, String least, String greatest, String leastText, String greatestText) {
        Type(String there, String here, String least, String greatest) {
            this(there, here, least, greatest, least, greatest);
        }
    }

    private static List<Type> types(MySqlServer.Flavour flavour) {
        List<Type> types = new ArrayList<>(TYPES);
        if (flavour == MySqlServer.Flavour.MYSQL) {
            types.add(new Type("json", "jsonb", "'null'", "'{\"a\": [1, \"ü\"]}'", "null", "{\"a\": [1, \"ü\"]}"));
        }
        return types;
    }

    private static String columns(MySqlServer.Flavour flavour, boolean there) {
        List<Type> types = types(flavour);
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            columns.add("c" + i + " "
                    + (there ? types.get(i).there() + " NULL" : types.get(i).here()));
        }
        return String.join(", ", columns);
    }

    static void create(MySqlServer server, Place place, MySqlServer.Flavour flavour) {
        server.execute(
                place,
                "CREATE TABLE `All Types` (id INT PRIMARY KEY, " + columns(flavour, true)
                        + ") DEFAULT CHARACTER SET utf8mb4");
    }

    static String postgres(MySqlServer.Flavour flavour) {
        return "CREATE TABLE \"All Types\" (id int PRIMARY KEY, " + columns(flavour, false) + ")";
    }

    /** Three rows, numbered from {@code id} on. */
    static void insert(MySqlServer server, Place place, MySqlServer.Flavour flavour, int id) {
        List<Type> types = types(flavour);
        String least = types.stream().map(Type::least).collect(Collectors.joining(", "));
        String greatest = types.stream().map(Type::greatest).collect(Collectors.joining(", "));
        String nulls = types.stream().map(type -> "NULL").collect(Collectors.joining(", "));
        server.execute(place, "INSERT INTO `All Types` VALUES (" + id + ", " + least + ")");
        server.execute(place, "INSERT INTO `All Types` VALUES (" + (id + 1) + ", " + greatest + ")");
        server.execute(place, "INSERT INTO `All Types` VALUES (" + (id + 2) + ", " + nulls + ")");
    }

    static void verify(Fixture fixture, MySqlServer.Flavour flavour, int id) {
        List<Type> types = types(flavour);
        for (int i = 0; i < types.size(); i++) {
            Type type = types.get(i);
            List<String> values = fixture.query(
                    "copy",
                    "SELECT c" + i + "::text FROM \"All Types\" WHERE id BETWEEN " + id + " AND " + (id + 2)
                            + " ORDER BY id");
            assertThat(values).as(type.there()).containsExactly(type.leastText(), type.greatestText(), "null");
        }
    }
}
