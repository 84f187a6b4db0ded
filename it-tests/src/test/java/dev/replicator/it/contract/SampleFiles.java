package dev.replicator.it.contract;

import dev.replicator.model.TableName;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Files of the sample connector. */
final class SampleFiles implements ContractServer {
    private final Path folder;
    private int number;

    SampleFiles() {
        try {
            folder = Files.createTempDirectory("replicator-sample-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Place fresh() {
        return new Place("sample:" + folder.resolve("db" + ++number + ".properties"), null, null);
    }

    @Override
    public List<String> options() {
        return List.of();
    }

    @Override
    public List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns) {
        Properties properties = new Properties();
        try (Reader in =
                Files.newBufferedReader(Path.of(place.url().substring("sample:".length())), StandardCharsets.UTF_8)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        for (String name : properties.stringPropertyNames()) {
            String[] parts = name.split("\\|", -1);
            if (parts[0].equals("row") && parts.length == 3 && parts[1].equals(table.toString())) {
                Map<String, @Nullable String> row = new HashMap<>();
                columns.forEach(column -> row.put(column, properties.getProperty(name + "|" + column)));
                rows.add(row);
            }
        }
        return rows;
    }

    @Override
    public Map.@Nullable Entry<String, String> poison() {
        return null;
    }

    @Override
    public boolean kill() {
        return false;
    }

    @Override
    public void restart() {
        // There is no server.
    }

    @Override
    public void close() {
        UnpackedJar.delete(folder);
    }
}
