package dev.replicator.cli.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What the demo prints: plain text, with colours and a rewritten progress line where the output is a terminal. Counts
 * the checks that were not true.
 *
 * <p>Thread-safe: one lock around each output.
 */
final class Screen {
    private static final String FROM_LINE_START = "\r\u001b[K";
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";
    private static final String RESET = "\u001b[0m";
    private static final String BOLD = "\u001b[1m";
    private static final String DIM = "\u001b[2m";
    private static final String RED = "\u001b[31m";
    private static final String GREEN = "\u001b[32m";
    private static final String CYAN = "\u001b[36m";

    private final PrintStream out;
    private final boolean terminal;
    private int checks;
    private int failures;
    private int liveLines;

    Screen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    boolean isTerminal() {
        return terminal;
    }

    synchronized void title(String text) {
        out.println();
        out.println(colour(BOLD, text));
    }

    synchronized void step(int number, String text) {
        out.println();
        out.println(colour(BOLD, number + ". " + text));
    }

    synchronized void say(String text) {
        out.println("   " + text);
    }

    synchronized void note(String text) {
        out.println("   " + colour(DIM, text));
    }

    /** What is being done now, on a terminal; {@link #progress} replaces it. */
    synchronized void working(String text) {
        if (terminal) {
            out.print(FROM_LINE_START + "   " + text + " ...");
            out.flush();
        }
    }

    /** Something that was done while starting, and how long it took. */
    synchronized void progress(String text, Duration took) {
        if (terminal) {
            out.print(FROM_LINE_START);
        }
        out.println("   " + text + colour(DIM, String.format(Locale.ROOT, "  %.1f s", took.toMillis() / 1000.0)));
    }

    /** SQL that is run now, as typed into psql. */
    synchronized void sql(String database, String sql) {
        out.println("   " + colour(CYAN, database + "=>") + " " + sql + ";");
    }

    /** A command that does what is done now. */
    synchronized void command(String command) {
        out.println("   " + colour(CYAN, "$") + " " + command);
    }

    synchronized void table(TextTable table) {
        table.lines().forEach(line -> out.println("     " + line));
    }

    /** States something that was looked at; false makes the demo fail. */
    synchronized boolean check(boolean isTrue, String text) {
        checks++;
        if (isTrue) {
            out.println("   " + colour(GREEN, "ok") + "  " + text);
        } else {
            failures++;
            out.println("   " + colour(RED, "NOT TRUE") + "  " + text);
        }
        out.flush();
        return isTrue;
    }

    /** Lines that replace what this method printed last; on no terminal they are simply printed. */
    synchronized void live(List<String> lines) {
        if (terminal && liveLines > 0) {
            out.print("\u001b[" + liveLines + "A\u001b[J");
        }
        // A line that is too long for the terminal is cut: wrapped, it would count as two.
        out.print(terminal ? NO_WRAP : "");
        lines.forEach(line -> out.println("   " + line));
        out.print(terminal ? WRAP : "");
        out.flush();
        liveLines = lines.size();
    }

    synchronized int checks() {
        return checks;
    }

    synchronized int failures() {
        return failures;
    }

    private String colour(String code, String text) {
        return terminal ? code + text + RESET : text;
    }
}
