package dev.replicator.cli.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator slot drop SYNC --database DB}. */
@Command(
        name = "drop",
        description = {
            "Drops a slot, so that its server may forget the log it kept for us.",
            "What was committed there and is not applied everywhere yet is never replicated: afterwards run \"replicator compare\"."
                    + " Stop \"replicator run\" first. To remove a whole sync, use \"replicator remove\"."
        },
        footer = {"", "Example:", "  replicator slot drop bard --database shake2"},
        mixinStandardHelpOptions = true)
public final class SlotDropCommand implements Callable<Integer> {
    @Mixin
    private SlotChoice choice = new SlotChoice();

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        String slot = choice.slot();
        String database = choice.source().name();
        confirmation.require("Drop slot \"" + slot + "\" on database \"" + database
                + "\"? Changes that are not applied yet are lost to the other databases.");
        boolean was = choice.with(slots -> slots.drop(slot));
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                was
                        ? "slot \"" + slot + "\" on database \"" + database + "\" is dropped"
                        : "there was no slot \"" + slot + "\" on database \"" + database + "\"");
        out.flush();
        return 0;
    }
}
