package dev.replicator.cli.command;

import dev.replicator.model.Lsn;
import dev.replicator.slot.Slot;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator slot copy SYNC --database DB --as NAME}. */
@Command(
        name = "copy",
        description = {
            "Copies a slot with its position, for instance to look at the log with pg_logical_slot_peek_binary_changes.",
            "The copy keeps log on its server until you drop it: SELECT pg_drop_replication_slot('NAME')."
        },
        footer = {"", "Example:", "  replicator slot copy bard --database shake2 --as look_at_this"},
        mixinStandardHelpOptions = true)
public final class SlotCopyCommand implements Callable<Integer> {
    @Mixin
    private SlotChoice choice = new SlotChoice();

    @Option(
            names = "--as",
            paramLabel = "NAME",
            required = true,
            description = "Name of the copy: lower case letters, digits and underscores.")
    private String name = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String slot = choice.slot();
        Slot copy = choice.with(slots -> slots.copy(slot, name, false));
        PrintWriter out = spec.commandLine().getOut();
        out.println("slot \"" + copy.name() + "\" on database \""
                + choice.source().name() + "\" stands at " + Lsn.format(copy.confirmedFlush()));
        out.flush();
        return 0;
    }
}
