package dev.replicator.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ForeignDatabasesTest {
    @TempDir
    private Path folder;

    private Configuration read(String database, String sync) {
        try {
            Path file = Files.writeString(
                    folder.resolve("sync.yaml"),
                    "databases:\n  a: postgresql://h/a\n  p: " + database + "\nsyncs:\n  s: " + sync + "\n");
            return ConfigurationReader.read(file, new Environment(Map.of("SECRET", "hush"), folder, "somebody"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private DatabaseSpec read(String database) {
        return read(database, "{ sources: [a], targets: [p] }").database("p");
    }

    @Test
    void theConnectorOfTheSchemeServesIt() {
        DatabaseSpec paper = read("{ url: \"paper://u%40x:p%3Aw+@h:1/d?x=y\" }");

        assertThat(paper.kind()).isEqualTo("paper");
        assertThat(paper.url()).isEqualTo("paper://h:1/d?x=y");
        assertThat(paper.user()).isEqualTo("u@x");
        assertThat(Objects.requireNonNull(paper.password()).reveal()).isEqualTo("p:w+");
        assertThat(paper.options())
                .containsOnly(
                        Map.entry("title", "none"),
                        Map.entry("ruled", "true"),
                        Map.entry("sheets", "3"),
                        Map.entry("size", "a4"),
                        Map.entry("ink", "2097152"),
                        Map.entry("dry", "5000"));
    }

    @Test
    void whatIsWrittenBesideTheUrlBeatsIt() {
        DatabaseSpec paper = read("{ url: \"paper://u:p@h/d\", user: w, password: \"${SECRET}\", options: { title: x,"
                + " ruled: false, sheets: 7, size: a5, ink: 1KiB, dry: 2min } }");

        assertThat(paper.user()).isEqualTo("w");
        assertThat(Objects.requireNonNull(paper.password()).reveal()).isEqualTo("hush");
        assertThat(paper.options())
                .containsOnly(
                        Map.entry("title", "x"),
                        Map.entry("ruled", "false"),
                        Map.entry("sheets", "7"),
                        Map.entry("size", "a5"),
                        Map.entry("ink", "1024"),
                        Map.entry("dry", "120000"));
    }

    @Test
    void aRelativeFileIsBesideTheConfigurationFile() {
        assertThat(read("sqlite:data/x.db").url()).isEqualTo("sqlite:" + folder.resolve("data/x.db"));
        assertThat(read("sqlite:/data/x.db").url()).isEqualTo("sqlite:/data/x.db");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            paperr://h/d                                  | sync.yaml:3:6: database "p" has a URL of kind "paperr", which no connector serves, did you mean "paper"?
            "paper://"                                    | sync.yaml:3:6: url of database "p": it names no place
            paper://h/d?password=hush                     | sync.yaml:3:6: url of database "p" holds a password among its parameters; write it beside the url
            { url: "paper://h", options: { sheet: 1 } }   | unknown key "sheet" in options of database "p", which is of kind paper, did you mean "sheets"?
            { url: "paper://h", options: { sheets: x } }  | option "sheets" of database "p" must be a whole number, not x
            { url: "paper://h", options: { ink: 5 kg } }  | option "ink" of database "p"
            { url: "paper://h", options: { size: a3 } }   | option "size" of database "p" must be a4 or a5, not "a3"
            { url: "paper://h", options: { ruled: yes } } | option "ruled" of database "p" must be false or true, not "yes"
            """)
    void whatIsWrongIsNamedWithItsLine(String database, String message) {
        assertThatThrownBy(() -> read(database))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        failure -> assertThat(failure.detail())
                                .contains(message)
                                .contains("sync.yaml:3:")
                                .doesNotContain("hush\""));
    }

    @Test
    void suchADatabaseCannotBeASource() {
        assertThatThrownBy(() -> read("paper://h/d", "{ sources: [a, p] }"))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        failure -> assertThat(failure.detail())
                                .contains(
                                        "sync.yaml:5:17: database \"p\" is of kind paper, which can only receive; name it"
                                                + " under targets of sync \"s\""));
    }
}
