package dev.replicator.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.Environment;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoConfigTest {
    @TempDir
    Path directory;

    @Test
    void theDemosFileIsARightConfiguration() throws IOException {
        Path file = directory.resolve("sync.yaml");
        Files.writeString(file, DemoConfig.yaml(name -> "postgresql://replicator@127.0.0.1:5432/" + name));
        Configuration configuration = ConfigurationReader.read(file, new Environment(Map.of(), directory, "somebody"));
        SyncSpec bard = configuration.sync("bard");
        assertThat(bard.sources()).extracting(DatabaseSpec::name).containsExactly("shake1", "shake2", "shake3");
        assertThat(bard.isMultiMaster()).isTrue();
        assertThat(configuration.database("shake3").user()).isEqualTo("replicator");
    }
}
