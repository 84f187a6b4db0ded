package dev.replicator.cli.demo;

import java.util.function.UnaryOperator;

/** The demo's configuration file, as one would write it by hand. */
final class DemoConfig {
    static final String SYNC = "bard";

    private DemoConfig() {}

    static String yaml(Stage stage) {
        return yaml(name -> stage.url(name, Stage.REPLICATOR));
    }

    /** @param urlOf URL by database */
    static String yaml(UnaryOperator<String> urlOf) {
        StringBuilder yaml = new StringBuilder("# Written by \"replicator demo\"; deleted when it ends.\ndatabases:\n");
        for (String name : Stage.DATABASES) {
            yaml.append("  ")
                    .append(name)
                    .append(": { url: \"")
                    .append(urlOf.apply(name))
                    .append("\" }\n");
        }
        return yaml.append("\nsyncs:\n  " + SYNC + ":\n    sources: [")
                .append(String.join(", ", Stage.DATABASES))
                .append(
                        "]\n    tables: all\n    conflict: latest\n    foreign_origins: forward\n    initial_copy: never\n")
                .toString();
    }
}
