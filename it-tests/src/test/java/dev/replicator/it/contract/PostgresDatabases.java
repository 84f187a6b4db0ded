package dev.replicator.it.contract;

import dev.replicator.it.harness.Server;
import dev.replicator.it.harness.Servers;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A PostgreSQL server of its own, with a database for each test. */
final class PostgresDatabases implements ContractServer {
    private final Server server = Servers.builder(Servers.NEWEST).start();
    private int number;

    @Override
    public Place fresh() {
        String database = "contract" + ++number;
        server.createDatabase(database);
        server.execute(
                database, "CREATE TYPE enum AS ENUM ('sad', 'it''s \"ok\"'); CREATE TYPE complex AS (a int, b text)");
        return new Place(server.url(database).replace("postgres@", ""), "postgres", null);
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    private static String database(Place place) {
        return place.url().replaceFirst("^.*/", "");
    }

    @Override
    public void prepare(Place place, TableSchema table) {
        String columns = table.columns().stream()
                .map(column ->
                        TableName.quote(column.name()) + " " + column.declared().replace(';', ','))
                .collect(Collectors.joining(", "));
        String key = table.table().keyColumns().stream().map(TableName::quote).collect(Collectors.joining(", "));
        server.execute(
                database(place),
                "CREATE TABLE IF NOT EXISTS " + table.table().name().quoted() + " (" + columns + ", PRIMARY KEY (" + key
                        + "))");
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        String list = columns.stream().map(TableName::quote).collect(Collectors.joining(", "));
        try (Connection connection = server.connect(database(place));
                Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");
            List<Map<String, @Nullable String>> rows = new ArrayList<>();
            ResultSet row = statement.executeQuery("SELECT " + list + " FROM " + table.quoted());
            while (row.next()) {
                Map<String, @Nullable String> values = new LinkedHashMap<>();
                for (int i = 0; i < columns.size(); i++) {
                    values.put(columns.get(i), row.getString(i + 1));
                }
                rows.add(values);
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public boolean commitsAsynchronously() {
        return true;
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return Map.entry("numeric(10;2)", "Infinity");
    }

    @Override
    public boolean kill() {
        server.killHard();
        return true;
    }

    @Override
    public void restart() {
        server.start();
    }

    @Override
    public void close() {
        server.close();
    }
}
