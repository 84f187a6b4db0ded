package dev.replicator.cli.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator completion bash|zsh|fish}. */
@Command(
        name = "completion",
        description = "Writes a completion script for a shell.",
        footer = {
            "",
            "Examples:",
            "  source <(replicator completion bash)        # in ~/.bashrc",
            "  source <(replicator completion zsh)         # in ~/.zshrc",
            "  replicator completion fish > ~/.config/fish/completions/replicator.fish"
        },
        mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
    /** The shells. */
    enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Parameters(paramLabel = "bash|zsh|fish", description = "The shell.")
    private Shell shell = Shell.BASH;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (shell) {
                    case BASH, ZSH -> Replicator.completionScript();
                    case FISH -> fish(CommandLines.create());
                });
        out.flush();
        return 0;
    }

    static String fish(CommandLine root) {
        StringBuilder script = new StringBuilder("# fish completion for replicator\ncomplete -c replicator -f\n");
        fish(root, "__fish_use_subcommand", root.getSubcommands(), script);
        root.getSubcommands().forEach((name, command) -> {
            String condition = "__fish_seen_subcommand_from " + name;
            String inner = command.getSubcommands().isEmpty()
                    ? condition
                    : condition + "; and not __fish_seen_subcommand_from "
                            + String.join(" ", command.getSubcommands().keySet());
            fish(command, inner, command.getSubcommands(), script);
            command.getSubcommands()
                    .forEach((nested, c) ->
                            fish(c, condition + "; and __fish_seen_subcommand_from " + nested, Map.of(), script));
        });
        return script.toString();
    }

    private static void fish(
            CommandLine command, String condition, Map<String, CommandLine> subcommands, StringBuilder script) {
        subcommands.forEach((name, sub) -> line(
                script,
                condition,
                "-a " + name,
                sub.getCommandSpec().usageMessage().description()));
        for (OptionSpec option : command.getCommandSpec().options()) {
            StringBuilder names = new StringBuilder();
            for (String name : option.names()) {
                names.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
            }
            String file = option.typeInfo().getType().equals(java.nio.file.Path.class) ? " -r -F" : "";
            line(script, condition, names.toString().strip() + file, option.description());
        }
    }

    private static void line(StringBuilder script, String condition, String what, String[] description) {
        String text = description.length == 0 ? "" : List.of(description).get(0);
        String sentence = text.contains(". ") ? text.substring(0, text.indexOf(". ")) : text;
        script.append("complete -c replicator -n '")
                .append(condition)
                .append("' ")
                .append(what)
                .append(" -d '")
                .append(sentence.replace("\\", "\\\\").replace("'", "\\'").replaceAll("[.:]$", ""))
                .append("'\n");
    }
}
