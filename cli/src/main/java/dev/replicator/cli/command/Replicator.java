package dev.replicator.cli.command;

import dev.replicator.cli.demo.DemoCommand;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command that has all others. */
@Command(
        name = "replicator",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Multi-master logical replication for PostgreSQL, from the write-ahead log: no triggers, no extensions.",
            ""
        },
        footer = {
            "",
            "First steps:",
            "  replicator demo                              three masters on this machine, with conflicts",
            "  replicator init postgresql://... postgresql://...   writes sync.yaml from your databases",
            "  replicator check                             what is missing before it can run",
            "  replicator run                               replicates until it is stopped",
            "  replicator status --watch                    what it is doing",
            "",
            "\"replicator help COMMAND\" explains a command. Exit codes: 0 all went well, 2 wrong usage, 3 wrong",
            "configuration, others in cli/README.md."
        },
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            CheckCommand.class,
            RunCommand.class,
            StatusCommand.class,
            PauseCommand.class,
            ResumeCommand.class,
            KickCommand.class,
            WaitCommand.class,
            ReloadCommand.class,
            DetachCommand.class,
            AttachCommand.class,
            SlotCommand.class,
            CopyCommand.class,
            CompareCommand.class,
            RepairCommand.class,
            ConflictsCommand.class,
            QuarantineCommand.class,
            ExplainCommand.class,
            RemoveCommand.class,
            CompletionCommand.class,
            HelpCommand.class
        },
        versionProvider = Replicator.Version.class,
        mixinStandardHelpOptions = true)
public final class Replicator {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Log more, and print stack traces with errors.")
    private boolean debug;

    boolean isDebug() {
        return debug;
    }

    /** The version that the build wrote into the archive. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Replicator.class.getPackage().getImplementationVersion();
            return new String[] {"replicator " + (version == null ? "(not built as an archive)" : version)};
        }
    }

    /** The completion script for bash and zsh. */
    static String completionScript() {
        return AutoComplete.bash("replicator", CommandLines.create());
    }
}
