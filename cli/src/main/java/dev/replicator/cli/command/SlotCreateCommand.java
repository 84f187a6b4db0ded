package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminClient;
import dev.replicator.cli.daemon.Setup;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.SyncSpec;
import dev.replicator.slot.Finding;
import dev.replicator.slot.Preflight;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code replicator slot create SYNC [--database DB]}. */
@Command(
        name = "create",
        description = {
            "Creates what a sync needs on its sources: publication, slot, and schema \"replicator\". \"replicator run\" does"
                    + " so by itself; do it beforehand to have changes kept from a moment of your choice. Run"
                    + " \"replicator check\" first. May be repeated.",
            "A slot that was lost is made anew where the log stands now: what was committed since is skipped; run \"replicator"
                    + " compare\" and \"replicator repair\" afterwards.",
            "A slot waits for every transaction that is running; those it waits for are shown."
        },
        footer = {"", "Examples:", "  replicator slot create bard", "  replicator slot create bard --database shake2"},
        mixinStandardHelpOptions = true)
public final class SlotCreateCommand implements Callable<Integer> {
    private static final Duration KICK = Duration.ofSeconds(15);

    @Mixin
    private SlotChoice choice = new SlotChoice();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        SyncSpec sync = choice.sync();
        PrintWriter out = spec.commandLine().getOut();
        Preflight.Report report = Preflight.runPart(sync, choice.connectors());
        for (DatabaseSpec source : choice.sources()) {
            for (Finding finding : report.findings()) {
                boolean concerns = finding.database() == null || source.name().equals(finding.database());
                if (finding.isError() && concerns && !Setup.mendedByCreating(finding.code())) {
                    throw finding.toException();
                }
            }
            Setup setup = new Setup(sync, report.tables(), choice.connectors(), line -> {
                out.println(line);
                out.flush();
            });
            setup.database(source, true);
        }
        out.println("sync \"" + sync.name() + "\": the sources have what they need");
        choice.runningProcess().ifPresent(process -> goOn(process, sync.name(), out));
        out.flush();
        return 0;
    }

    /** The process tries again at once what it waits to try again. */
    private static void goOn(AdminClient process, String sync, PrintWriter out) {
        try {
            process.kick(sync, KICK);
            out.println("Process " + process.pid() + " goes on with it.");
        } catch (ReplicatorException e) {
            out.println("Process " + process.pid() + " has been told, and does not work yet: " + e.primary() + ".");
        }
    }
}
