package dev.replicator.it.contract;

import dev.replicator.model.TableName;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** SQLite databases: there is no server; what is killed is the process that writes. */
final class SqliteFiles implements ContractServer {
    private final Path folder;
    private int number;

    SqliteFiles() {
        try {
            folder = Files.createTempDirectory("replicator-sqlite-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Place fresh() {
        return new Place("sqlite:" + folder.resolve("db" + ++number + ".sqlite"), null, null);
    }

    private static Connection connect(Place place) throws SQLException {
        return DriverManager.getConnection("jdbc:" + place.url());
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        try (Connection connection = connect(place)) {
            return SqlRows.read(connection, '"', table.name(), columns);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String expected(String type, String text) {
        return switch (type) {
            case "bool" -> text.equals("t") ? "1" : "0";
            case "float4", "float8" -> text.equals("NaN") ? REFUSED : SqlRows.number(text);
            default -> text;
        };
    }

    @Override
    public Map.Entry<String, String> poison() {
        return Map.entry("float8", "NaN");
    }

    @Override
    public boolean kill() {
        return false;
    }

    @Override
    public void restart() {}

    @Override
    public void execute(Place place, String statement) {
        try (Connection connection = connect(place)) {
            SqlRows.run(connection, statement);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
