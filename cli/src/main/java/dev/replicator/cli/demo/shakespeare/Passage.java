package dev.replicator.cli.demo.shakespeare;

import java.util.List;

/** Lines that stand at one place of one work, and who speaks them. */
record Passage(String work, int act, int scene, String speaker, List<String> lines) {
    String text() {
        return String.join("\n", lines);
    }
}
