package dev.replicator.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncTextTest {
    private static final String BEFORE = """
            databases:
              a: { url: "postgresql://u@h1/d", password: "secret-1" }
              b: { url: "postgresql://u@h2/d" }
              c: { url: "postgresql://u@h3/d" }
            syncs:
              bard:
                sources: [a, b]
                tables:
                  - public.work
                  - table: public.stock
                    conflict: { script: rule.js, function: f }
            """;

    @TempDir
    private Path folder;

    @BeforeEach
    void script() throws IOException {
        Files.writeString(folder.resolve("rule.js"), "function f(c) { return null; }");
    }

    private List<String> changes(String after) throws IOException {
        SyncText before = read(BEFORE);
        return before.changesTo(read(after));
    }

    private SyncText read(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("sync.yaml"), yaml);
        SyncText text = ConfigurationReader.read(file, new Environment(Map.of(), folder, "tester"))
                .texts()
                .get("bard");
        assertThat(text).isNotNull();
        return text;
    }

    @Test
    void theSameTextInAnotherLayoutIsNoChange() throws IOException {
        assertThat(changes(BEFORE.replace("sources: [a, b]", "sources:\n      - a\n      - b # as before")))
                .isEmpty();
    }

    @Test
    void whatIsAddedLeftOutAndOtherwiseIsNamed() throws IOException {
        String after = BEFORE.replace("sources: [a, b]", "sources: [a, c]\n    conflict: first")
                .replace("- public.work", "- public.play")
                .replace("function: f", "function: g");
        assertThat(changes(after))
                .containsExactlyInAnyOrder(
                        "conflict: first, was not set",
                        "database b.url: changed",
                        "database c.url: changed",
                        "sources: c is new",
                        "sources: b is left out",
                        "tables: public.play is new",
                        "tables: public.work is left out",
                        "tables public.stock.conflict.function: g, was f");
    }

    @Test
    void noSecretIsShown() throws IOException {
        assertThat(changes(BEFORE.replace("secret-1", "secret-2"))).containsExactly("database a.password: changed");
    }

    @Test
    void anotherTextOfAScriptIsAChange() throws IOException {
        SyncText before = read(BEFORE);
        Files.writeString(folder.resolve("rule.js"), "function f(c) { return c.rows[0]; }");
        assertThat(before.changesTo(read(BEFORE))).containsExactly("the text of \"rule.js\": changed");
    }

    @Test
    void allTablesInsteadOfSomeIsOneChange() throws IOException {
        String list = BEFORE.substring(BEFORE.indexOf("    tables:"));
        assertThat(changes(BEFORE.replace(list, "    tables: all\n"))).contains("tables: all, was [public.work]");
    }
}
