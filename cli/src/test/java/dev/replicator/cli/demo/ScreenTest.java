package dev.replicator.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Test
    void withoutATerminalNothingButTextIsPrinted() {
        Screen screen = screen(false);
        screen.title("Title");
        screen.step(1, "Step");
        screen.sql("shake1", "SELECT 1");
        screen.progress("started", Duration.ofMillis(1234));
        screen.live(List.of("one"));
        screen.live(List.of("two"));
        assertThat(printed())
                .isEqualTo("\nTitle\n\n1. Step\n   shake1=> SELECT 1;\n   started  1.2 s\n   one\n   two\n");
    }

    @Test
    void onATerminalLiveLinesReplaceTheLast() {
        Screen screen = screen(true);
        screen.live(List.of("one", "two"));
        screen.live(List.of("three"));
        assertThat(printed())
                .isEqualTo("\u001b[?7l   one\n   two\n\u001b[?7h\u001b[2A\u001b[J\u001b[?7l   three\n\u001b[?7h");
    }

    @Test
    void aFalseCheckIsCountedAndNamed() {
        Screen screen = screen(false);
        assertThat(screen.check(true, "water is wet")).isTrue();
        assertThat(screen.check(false, "fire is cold")).isFalse();
        assertThat(screen.checks()).isEqualTo(2);
        assertThat(screen.failures()).isEqualTo(1);
        assertThat(printed()).isEqualTo("   ok  water is wet\n   NOT TRUE  fire is cold\n");
    }

    @Test
    void aTableIsAsWideAsItsWidestValues() {
        TextTable table = new TextTable(10, "id", "title")
                .row("1", "Hamlet")
                .row("22", null)
                .row("3", "0123456789abc");
        assertThat(table.lines())
                .containsExactly(" id | title", "----+------------", " 1  | Hamlet", " 22 | ", " 3  | 0123456...");
    }

    @Test
    void lineBreaksDoNotBreakATable() {
        assertThat(new TextTable(20, "t").row("a\nb\tc").lines()).contains(" a\\nb\\tc");
    }

    @Test
    void millisecondsHaveOneDigitWhileTheyAreFew() {
        assertThat(Script.format(1_260_000)).isEqualTo("1.3 ms");
        assertThat(Script.format(123_900_000)).isEqualTo("124 ms");
    }

    private Screen screen(boolean terminal) {
        return new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
