package dev.replicator.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.config.ConfigurationReader;
import dev.replicator.cli.config.DatabaseUrl;
import dev.replicator.cli.config.Environment;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.TableName;
import dev.replicator.slot.Catalog;
import dev.replicator.slot.CatalogColumn;
import dev.replicator.slot.CatalogTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
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
    void keysThatEveryMasterGivesOutByItselfAreNamed() throws Exception {
        Environment environment = new Environment(Map.of(), folder, "somebody");
        Map<String, DatabaseSpec> databases = new LinkedHashMap<>();
        Map<String, Catalog> catalogs = new LinkedHashMap<>();
        for (String name : List.of("a", "b")) {
            databases.put(name, DatabaseUrl.parse(name, "postgresql://h/" + name, environment));
            Map<TableName, CatalogTable> tables = new HashMap<>();
            for (CatalogTable table : List.of(table("numbered", true), table("plain", false))) {
                tables.put(table.name(), table);
            }
            catalogs.put(name, Catalog.of(name, tables));
        }

        String masters = new SampleConfiguration("s", databases, 2, catalogs).text();
        assertThat(masters).contains("#   public.numbered.id\n").doesNotContain("public.plain.id", "sequences: all");
        String target = new SampleConfiguration("s", databases, 1, catalogs).text();
        assertThat(target).contains("# sequences: all\n").doesNotContain("public.numbered.id");
        ConfigurationReader.read(Files.writeString(folder.resolve("sync.yaml"), masters), environment);
    }

    private static CatalogTable table(String name, boolean numbered) {
        CatalogColumn id = new CatalogColumn(
                1,
                "id",
                23,
                "int4",
                "int4",
                "integer",
                -1,
                true,
                numbered,
                false,
                CatalogColumn.Identity.NONE,
                true,
                List.of(),
                null,
                null);
        return new CatalogTable(
                new TableName("public", name),
                1,
                CatalogTable.Kind.TABLE,
                CatalogTable.Persistence.PERMANENT,
                null,
                CatalogTable.Leaves.NONE,
                CatalogTable.ReplicaIdentity.DEFAULT,
                List.of(id),
                List.of(new CatalogTable.UniqueIndex(name + "_pkey", List.of("id"), true, false, true, true)),
                List.of(),
                List.of(),
                "app",
                false,
                true,
                Set.of("SELECT"),
                false,
                null);
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
