package dev.replicator.decode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names of types by their object identifier on one source, as SQL text without a modifier. */
@FunctionalInterface
public interface TypeNames {
    /** The name, or null when this source's type is not known here. */
    @Nullable
    String nameOf(int typeOid);

    /** The types that every server has under the same identifier. Others are named in the stream itself. */
    static TypeNames builtIn() {
        return BuiltIn.NAMES::get;
    }

    /** Read from a resource once. */
    final class BuiltIn {
        private static final Map<Integer, String> NAMES = read();

        private BuiltIn() {}

        private static Map<Integer, String> read() {
            Map<Integer, String> names = new HashMap<>();
            try (InputStream in = TypeNames.class.getResourceAsStream("builtin-types.txt")) {
                if (in == null) {
                    throw new IllegalStateException("resource builtin-types.txt is missing");
                }
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    int space = line.indexOf(' ');
                    if (!line.startsWith("#") && space > 0) {
                        names.put(Integer.parseInt(line.substring(0, space)), line.substring(space + 1));
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException("resource builtin-types.txt cannot be read", e);
            }
            return Map.copyOf(names);
        }
    }
}
