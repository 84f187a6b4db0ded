package dev.replicator.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CommandLinesTest {
    private static final String CONFIGURATION = """
            databases:
              a: { url: "postgresql://127.0.0.1:1/shake?connect_timeout=2", password: hush }
              b: { url: "postgresql://127.0.0.1:1/other?connect_timeout=2", password: hush }
            syncs:
              bard: { sources: [a, b] }
            """;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "statsu                      | 2 | unmatched argument at index 0: 'statsu' | Did you mean \"status\"",
                "status --wach               | 2 | unknown option: '--wach'                | Did you mean \"--watch\"",
                "slot                        | 2 | a command is missing: list, create, drop, advance, copy | slot --help",
                "pause                       | 2 | missing required parameter: 'SYNC'      | pause --help",
                "wait bard                   | 2 | missing required option: '--for=now|DB:LSN' | wait --help",
                "kick bard --timeout 60      | 2 | has no unit                             | kick --help",
                "completion tcsh             | 2 | expected one of [BASH, ZSH, FISH]       | completion --help",
                "init postgresql://h/d       | 2 | a sync needs at least two databases     | --target",
                "init mysql://u:hush@h/d x   | 2 | cannot use a connection URL             | postgresql://",
            })
    void wrongUsageIsNamedWithTheWayOut(String line, int exit, String message, String hint) {
        assertThat(execute(line.split(" "))).isEqualTo(exit);
        assertThat(err.toString())
                .startsWith("ERROR:   ")
                .contains(message)
                .contains(hint)
                .doesNotContain("hush");
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    @Test
    void unknownNamesAreNamedWithTheNearest() throws Exception {
        assertThat(execute("pause", "brad", "-c", configuration())).isEqualTo(2);
        assertThat(err.toString()).contains("there is no sync \"brad\"").contains("did you mean \"bard\"?");
        assertThat(execute("wait", "bard", "--for", "c:0/1", "-c", configuration()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("\"c\" is not a source of sync \"bard\"");
        assertThat(execute("wait", "bard", "--for", "later", "-c", configuration()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("neither \"now\" nor a source and a log position");
        assertThat(execute("slot", "drop", "bard", "--yes", "-c", configuration()))
                .isEqualTo(2);
        assertThat(err.toString()).contains("sync \"bard\" has several sources");
    }

    @Test
    void wrongConfigurationHasItsExitCode() throws Exception {
        Files.writeString(folder.resolve("sync.yaml"), "databases: {}\n");

        assertThat(execute("check", "-c", folder.resolve("sync.yaml").toString()))
                .isEqualTo(3);
        assertThat(err.toString()).contains("the file has no syncs").contains("sync.yaml:1:12");
    }

    @Test
    void commandsThatNeedTheProcessSayThatNoneRuns() throws Exception {
        assertThat(execute("kick", "bard", "-c", configuration())).isEqualTo(23);
        assertThat(err.toString()).contains("no process is running").contains("replicator run --config");
    }

    @Test
    void databasesThatCannotBeReachedAreAllNamedAndNoSecretIs() throws Exception {
        assertThat(execute("check", "-c", configuration())).isEqualTo(4);
        assertThat(out.toString())
                .contains("could not connect to database \"a\" at 127.0.0.1:1/shake")
                .contains("could not connect to database \"b\" at 127.0.0.1:1/other");
        assertThat(execute("status", "-c", configuration())).isEqualTo(1);
        assertThat(out.toString()).contains("no process is running").contains("sync bard: needs attention");
        assertThat(execute("slot", "list", "-c", configuration())).isEqualTo(4);
        assertThat(out + err.toString()).doesNotContain("hush").doesNotContain("\tat ");
    }

    @Test
    void everyCommandAndOptionExplainsItself() {
        List<String> silent = new ArrayList<>();
        explain(CommandLines.create(), silent);
        assertThat(silent).isEmpty();
    }

    private static void explain(CommandLine command, List<String> silent) {
        String name = command.getCommandSpec().qualifiedName();
        if (command.getCommandSpec().usageMessage().description().length == 0) {
            silent.add(name);
        }
        command.getCommandSpec().args().stream()
                .filter(argument -> argument.description().length == 0)
                .forEach(argument -> silent.add(name + " " + argument.paramLabel()));
        command.getSubcommands().values().forEach(sub -> explain(sub, silent));
    }

    @ParameterizedTest
    @CsvSource({"bash", "zsh", "fish"})
    void completionKnowsEveryCommand(String shell) {
        assertThat(execute("completion", shell)).isZero();
        assertThat(CommandLines.create().getSubcommands().keySet())
                .allSatisfy(command -> assertThat(out.toString()).contains(command));
        assertThat(out.toString()).contains("advance").contains("watch");
    }

    @Test
    void readmeNamesEveryCommandAndExitCode() throws Exception {
        String readme = Files.readString(Path.of("README.md"));

        assertThat(CommandLines.create().getSubcommands().keySet())
                .allSatisfy(command -> assertThat(readme).contains("`" + command));
        for (dev.replicator.error.ErrorCode code : dev.replicator.error.ErrorCode.values()) {
            assertThat(readme).contains("| " + code.exitCode() + " | `" + code + "` |");
        }
    }

    private String configuration() throws Exception {
        return Files.writeString(folder.resolve("sync.yaml"), CONFIGURATION).toString();
    }

    private int execute(String... args) {
        CommandLine line = CommandLines.create();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return line.execute(args);
    }
}
