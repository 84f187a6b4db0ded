package dev.replicator.cli.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a service in {@code PGSERVICEFILE}, {@code ~/.pg_service.conf} and {@code PGSYSCONFDIR/pg_service.conf}.
 *
 * <p>Throws {@link IllegalArgumentException} with a sentence for a person. Source: PostgreSQL documentation, "The Connection
 * Service File".
 */
final class ServiceFile {
    private ServiceFile() {}

    static Map<String, String> find(String service, Environment environment) {
        List<Path> places = new ArrayList<>();
        String named = environment.get("PGSERVICEFILE");
        places.add(named != null ? Path.of(named) : environment.home().resolve(".pg_service.conf"));
        String system = environment.get("PGSYSCONFDIR");
        if (system != null) {
            places.add(Path.of(system, "pg_service.conf"));
        }
        for (Path place : places) {
            if (Files.isRegularFile(place)) {
                Map<String, String> found = section(place, service);
                if (found != null) {
                    return found;
                }
            }
        }
        throw new IllegalArgumentException("service \"" + service + "\" is not defined in "
                + String.join(" or ", places.stream().map(Path::toString).toList()));
    }

    private static @Nullable Map<String, String> section(Path file, String service) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalArgumentException("could not read service file " + file + ": " + e.getMessage(), e);
        }
        Map<String, String> found = null;
        boolean inside = false;
        for (String line : lines) {
            String text = line.strip();
            if (text.startsWith("[") && text.endsWith("]")) {
                inside = text.substring(1, text.length() - 1).equals(service);
                if (inside && found == null) {
                    found = new LinkedHashMap<>();
                }
            } else if (inside && found != null && !text.isEmpty() && !text.startsWith("#")) {
                int equals = text.indexOf('=');
                if (equals > 0) {
                    found.putIfAbsent(
                            text.substring(0, equals).strip(),
                            text.substring(equals + 1).strip());
                }
            }
        }
        return found;
    }
}
