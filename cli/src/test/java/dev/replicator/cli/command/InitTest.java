package dev.replicator.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.DatabaseUrl;
import dev.replicator.cli.config.Environment;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.slot.Catalog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitTest {
    @TempDir
    Path folder;

    @Test
    void namesComeFromTheDatabasesAndAreNeverTheSame() {
        Set<String> taken = new HashSet<>();

        assertThat(InitCommand.name("shake", taken)).isEqualTo("shake");
        assertThat(InitCommand.name("shake", taken)).isEqualTo("shake2");
        assertThat(InitCommand.name("Odd näme", taken)).isEqualTo("Odd_n_me");
        assertThat(InitCommand.name("1st", taken)).isEqualTo("db1st");
    }

    @Test
    void whatIsWrittenCanBeReadAndHoldsNoPassword() throws Exception {
        Environment environment = new Environment(Map.of("A_PASSWORD", "other"), folder, "somebody");
        Map<String, DatabaseSpec> databases = new LinkedHashMap<>();
        databases.put(
                "a",
                DatabaseUrl.parse(
                        "a",
                        "postgresql://us%22er:hush@h1,h2:6/od%20d?sslmode=require&application_name=x",
                        environment));
        databases.put("b", DatabaseUrl.parse("b", "postgresql://h3/b", environment));
        Map<String, Catalog> catalogs = Map.of("a", Catalog.of("a", Map.of()), "b", Catalog.of("b", Map.of()));

        String text = new SampleConfiguration("bard", databases, 1, catalogs).text();

        assertThat(text).doesNotContain("hush");
        Configuration read =
                ConfigurationReader.read(Files.writeString(folder.resolve("sync.yaml"), text), environment);
        assertThat(read.database("a").url()).isEqualTo(databases.get("a").url());
        assertThat(read.database("a").user()).isEqualTo("us\"er");
        assertThat(read.database("a").options()).isEqualTo(databases.get("a").options());
        assertThat(read.sync("bard").targets()).containsExactly(read.database("b"));
    }
}
