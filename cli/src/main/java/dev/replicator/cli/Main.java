package dev.replicator.cli;

import dev.replicator.cli.command.CommandLines;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The program. */
public final class Main {
    /** Held, or the level set would be forgotten: what the driver logs is in our own errors already. */
    private static final Logger DRIVER = Logger.getLogger("org.postgresql");

    private Main() {}

    public static void main(String[] args) {
        DRIVER.setLevel(Level.OFF);
        List<String> words = List.of(args);
        if (words.contains("--debug")) {
            System.setProperty("replicator.log", "DEBUG");
        } else if (!words.contains("run")) {
            System.setProperty("replicator.log", "WARN");
        }
        System.exit(CommandLines.create().execute(args));
    }
}
