package dev.replicator.cli.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The project's Markdown files, and what can be taken out of them. */
final class Documents {
    private static final Pattern BLOCK = Pattern.compile("^```(\\w*)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern INLINE = Pattern.compile("`((?:cli/bin/)?replicator [^`]+)`");
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|[^\\s\"])+");
    private static final Pattern SYNTAX = Pattern.compile("[\\[<|]|\\.\\.\\.");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");

    private Documents() {}

    /** The folder that holds the project, seen from a module. */
    static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("LICENSE"))) {
            here = here.getParent();
            if (here == null) {
                throw new IllegalStateException("the tests do not run inside the project");
            }
        }
        return here;
    }

    static List<Path> all() throws IOException {
        Path root = root();
        List<Path> files = new ArrayList<>();
        try (Stream<Path> top = Files.list(root)) {
            for (Path entry : top.toList()) {
                if (entry.toString().endsWith(".md")) {
                    files.add(entry);
                } else if (Files.exists(entry.resolve("README.md"))) {
                    files.add(entry.resolve("README.md"));
                }
            }
        }
        return files.stream().sorted().toList();
    }

    /** The contents of the blocks of one language; the empty one for blocks that name none. */
    static List<String> blocks(Path file, String language) throws IOException {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(Files.readString(file));
        while (matcher.find()) {
            if (matcher.group(1).equals(language)) {
                blocks.add(matcher.group(2));
            }
        }
        return blocks;
    }

    /** A command's words; double quotes hold a word together. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(command);
        while (matcher.find()) {
            words.add(matcher.group().replace("\"", ""));
        }
        return words;
    }

    /** Every command of this program that stands in a block or in a line of text; outlines of syntax are left out. */
    static List<String> commands(Path file) throws IOException {
        List<String> commands = new ArrayList<>();
        for (String language : List.of("", "sh", "bash", "shell", "console")) {
            for (String block : blocks(file, language)) {
                block.lines()
                        .map(line -> line.replaceFirst("\\s+#.*", ""))
                        .map(line -> line.replaceFirst("^(\\$ )?([A-Z_]+=(\"[^\"]*\"|\\S+) )*", ""))
                        .filter(line -> line.matches("(cli/bin/)?replicator( .*)?"))
                        .forEach(commands::add);
            }
        }
        Matcher matcher = INLINE.matcher(BLOCK.matcher(Files.readString(file)).replaceAll(""));
        while (matcher.find()) {
            commands.add(matcher.group(1));
        }
        commands.removeIf(command -> SYNTAX.matcher(command).find());
        return commands;
    }

    /** Relative links, as they stand in the file. */
    static List<String> links(Path file) throws IOException {
        List<String> links = new ArrayList<>();
        Matcher matcher = LINK.matcher(BLOCK.matcher(Files.readString(file)).replaceAll(""));
        while (matcher.find()) {
            if (!matcher.group(1).contains("://")) {
                links.add(matcher.group(1));
            }
        }
        return links;
    }
}
