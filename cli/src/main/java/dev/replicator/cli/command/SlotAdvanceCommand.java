package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Lsn;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code replicator slot advance SYNC --database DB --to LSN}. */
@Command(
        name = "advance",
        description = {
            "Moves a slot forward without reading: what was committed below the position and is not applied yet is skipped,"
                    + " for ever.",
            "Stop \"replicator run\" first; afterwards run \"replicator compare\"."
        },
        footer = {"", "Example:", "  replicator slot advance bard --database shake2 --to 16/B374D848"},
        mixinStandardHelpOptions = true)
public final class SlotAdvanceCommand implements Callable<Integer> {
    @Mixin
    private SlotChoice choice = new SlotChoice();

    @Option(
            names = "--to",
            paramLabel = "LSN",
            required = true,
            description = "The position, for instance 16/B374D848.")
    private String to = "";

    @Mixin
    private Confirmation confirmation = new Confirmation();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Lsn lsn;
        try {
            lsn = Lsn.parse(to);
        } catch (IllegalArgumentException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.USAGE, String.valueOf(e.getMessage()), null, "It looks like 16/B374D848.");
        }
        String slot = choice.slot();
        String database = choice.source().name();
        confirmation.require("Advance slot \"" + slot + "\" on database \"" + database + "\" to " + lsn
                + "? Changes below it that are not applied yet are lost to the other databases.");
        long stands = choice.with(slots -> slots.advance(slot, lsn.value()));
        PrintWriter out = spec.commandLine().getOut();
        out.println("slot \"" + slot + "\" on database \"" + database + "\" stands at " + Lsn.format(stands));
        out.flush();
        return 0;
    }
}
