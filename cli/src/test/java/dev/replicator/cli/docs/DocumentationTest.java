package dev.replicator.cli.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.replicator.cli.command.Replicator;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class DocumentationTest {
    private static final Map<String, String> VARIABLES = Map.of(
            "SHAKE1_PASSWORD", "one",
            "SHAKE2_PASSWORD", "two",
            "SHAKE3_PASSWORD", "three",
            "REPORTS_PASSWORD", "four",
            "REPLICATOR_TOKEN", "0123456789abcdef");

    @TempDir
    Path directory;

    @Test
    void everyTopLevelFolderHasAReadme() {
        for (String folder : new String[] {".", "engine", "connectors", "cli", "conf", "it-tests"}) {
            assertThat(Documents.root().resolve(folder).resolve("README.md")).exists();
        }
    }

    @Test
    void everySampleConfigurationIsRight() throws IOException {
        int samples = 0;
        for (Path document : Documents.all()) {
            for (String yaml : Documents.blocks(document, "yaml")) {
                read(document + " " + ++samples, yaml);
            }
        }
        assertThat(samples).isPositive();
        read("conf/sync.yaml", Files.readString(Documents.root().resolve("conf/sync.yaml")));
    }

    @Test
    void everyCommandIsUnderstood() throws IOException {
        int commands = 0;
        for (Path document : Documents.all()) {
            for (String command : Documents.commands(document)) {
                commands++;
                List<String> words = new ArrayList<>(Documents.words(command));
                if (words.size() == 2) {
                    // Only mentioned by name.
                    words.add("--help");
                }
                assertThatCode(() -> new CommandLine(new Replicator())
                                .parseArgs(words.subList(1, words.size()).toArray(String[]::new)))
                        .as("\"%s\" in %s", command, document)
                        .doesNotThrowAnyException();
            }
        }
        assertThat(commands).isGreaterThan(10);
    }

    @Test
    void theFirstFiveMinutesAreTwoCommands() throws IOException {
        assertThat(Documents.blocks(Documents.root().resolve("README.md"), ""))
                .contains("cli/bin/replicator demo\n", "mvn verify\n");
        assertThat(Documents.root().resolve("cli/bin/replicator")).isExecutable();
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        for (Path document : Documents.all()) {
            for (String link : Documents.links(document)) {
                assertThat(document.resolveSibling(link))
                        .as("a link in %s", document)
                        .exists();
            }
        }
    }

    private void read(String name, String yaml) throws IOException {
        Path file = directory.resolve("sync.yaml");
        Files.writeString(file, yaml);
        assertThatCode(() -> ConfigurationReader.read(file, new Environment(VARIABLES, directory, "somebody")))
                .as(name)
                .doesNotThrowAnyException();
    }
}
