package dev.replicator.cli.demo;

import java.nio.file.Path;

/** What to try while the demo runs: lines to be copied into another terminal. */
final class Suggestions {
    private Suggestions() {}

    static void print(Screen screen, Stage stage, Path config) {
        String replicator = System.getProperty("replicator.command", "replicator");
        screen.title("It keeps running; Ctrl-C ends it and removes everything.");
        screen.say("The databases, for psql or any other client (no password):");
        Stage.DATABASES.forEach(name -> screen.command("psql " + stage.url(name, Stage.OWNER)));
        screen.say("Without psql, in another terminal:");
        screen.command(replicator
                + " demo sql shake1 \"UPDATE work SET title = 'The Scottish Play' WHERE workid = 'macbeth'\"");
        screen.command(
                replicator + " demo sql shake3 \"SELECT workid, title, year FROM work WHERE workid = 'macbeth'\"");
        screen.command(replicator + " demo sql shake2 \"DELETE FROM paragraph WHERE workid = 'titus'\"");
        screen.say("The replicator that runs here:");
        screen.command(replicator + " status --config " + config);
        screen.command(replicator + " pause bard --config " + config);
        screen.command(replicator + " resume bard --config " + config);
        screen.command(replicator + " conflicts list bard --config " + config);
        screen.say("");
    }
}
