package dev.replicator.cli.command;

import dev.replicator.cli.config.Configuration;
import dev.replicator.postgres.QuarantineList;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator quarantine drop CHANGE}. */
@Command(
        name = "drop",
        description = {
            "Gives up a change that was put aside. Its row then stays on that database as it stands there, and differs from"
                    + " the other databases until it is changed again."
        },
        footer = {"", "Example:", "  replicator quarantine drop shake2:17"},
        mixinStandardHelpOptions = true)
public final class QuarantineDropCommand implements Callable<Integer> {
    @Mixin
    private ConfigOption config = new ConfigOption();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Parameters(paramLabel = "CHANGE", description = "Its name in \"replicator quarantine list\": DATABASE:NUMBER.")
    private String change = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Configuration configuration = config.read();
        QuarantineChoice.Name name = QuarantineChoice.name(configuration, change);
        QuarantineList.Entry entry = QuarantineChoice.read(name.database(), quarantine -> quarantine.find(name.id()))
                .orElseThrow(() -> QuarantineChoice.missing(change));
        confirmation.require("Give up the " + entry.operation() + " of row " + entry.key() + " of table "
                + entry.table() + " on database \"" + name.database().name() + "\"?");
        if (!QuarantineChoice.<Boolean>read(name.database(), quarantine -> quarantine.drop(name.id()))) {
            throw QuarantineChoice.missing(change);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("change \"" + change + "\" is given up; the row on database \""
                + name.database().name() + "\" differs from the others until it is changed again");
        out.flush();
        return 0;
    }
}
