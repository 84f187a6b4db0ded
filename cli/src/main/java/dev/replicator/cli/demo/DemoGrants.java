package dev.replicator.cli.demo;

import dev.replicator.cli.config.Configuration;
import dev.replicator.slot.GrantScript;
import dev.replicator.slot.Preflight;

/** What an administrator runs before the sync starts: the script that {@code replicator check --sql} prints. */
final class DemoGrants {
    private DemoGrants() {}

    static void apply(Stage stage, Configuration configuration) {
        for (GrantScript.Section section :
                GrantScript.sections(Preflight.run(configuration.syncs(), configuration.connectors()))) {
            section.databases().forEach(database -> stage.execute(database, section.sql()));
        }
    }
}
