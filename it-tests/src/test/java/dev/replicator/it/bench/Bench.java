package dev.replicator.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command: runs the workloads, prints the table, writes it with a picture and a file for machines. */
@Command(
        name = "it-tests/bench/run",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        description = "Measures this program beside PostgreSQL's own logical replication, on the same servers.")
public final class Bench implements Callable<Integer> {
    private static final String DATABASE = "bench";
    private static final int SHORT_REPETITIONS = 3;
    private static final int FULL_REPETITIONS = 5;
    private static final int SHORT_SHARE = 10;

    @Option(
            names = "--full",
            description = "All workloads at full size, 5 repetitions. Default: a to d, a tenth of it, 3.")
    private boolean full;

    @Option(names = "--only", paramLabel = "LETTERS", description = "Only these workloads, for instance ac.")
    private @Nullable String only;

    @Option(names = "--repetitions", paramLabel = "N", description = "How often each is measured.")
    private int repetitions;

    @Option(names = "--share", paramLabel = "N", description = "An Nth of the full size.")
    private int share;

    @Option(
            names = "--version-of-server",
            paramLabel = "N",
            description = "Of the servers that it starts. Default: 18.")
    private int version = 18;

    @Option(names = "--source", paramLabel = "URL", description = "A server that runs, as superuser. Needs --target.")
    private @Nullable String source;

    @Option(names = "--target", paramLabel = "URL", description = "Another one.")
    private @Nullable String target;

    @Option(names = "--java-opts", paramLabel = "OPTIONS", description = "For the program's JVM. Default: -Xmx256m.")
    private String javaOptions = "-Xmx256m";

    @Option(
            names = "--output",
            paramLabel = "DIRECTORY",
            description = "Where files go. Default: it-tests/target/bench.")
    private Path output = Path.of("target", "bench");

    @Option(names = "--command", hidden = true)
    private Path command = Path.of("cli", "bin", "replicator");

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        repetitions = repetitions > 0 ? repetitions : full ? FULL_REPETITIONS : SHORT_REPETITIONS;
        share = share > 0 ? share : full ? 1 : SHORT_SHARE;
        Results results = new Results();
        try (Cluster from = source == null ? Cluster.start(version) : Cluster.at(source);
                Cluster to = target == null ? Cluster.start(version) : Cluster.at(target)) {
            Workloads workloads = new Workloads(
                    from, to, DATABASE, results, new Product.Launch(command, javaOptions), repetitions, share);
            for (char letter : letters().toCharArray()) {
                workloads.measure(letter);
                report(results, machine(from));
            }
        }
        System.out.println(Table.of(results.summaries()));
        System.out.println("Files: " + output.toAbsolutePath().normalize());
        return 0;
    }

    private String letters() {
        return only != null ? only : full ? "abcdefghi" : "abcd";
    }

    private void report(Results results, Map<String, String> machine) throws IOException {
        Files.createDirectories(output);
        List<Summary> summaries = results.summaries();
        results.write(output.resolve("results.json"), machine);
        Files.writeString(output.resolve("results.md"), machine + "\n\n" + Table.of(summaries));
        Plot.write(output.resolve("results.png"), summaries);
    }

    private Map<String, String> machine(Cluster cluster) throws IOException {
        Map<String, String> machine = new LinkedHashMap<>();
        machine.put("date", LocalDate.now(java.time.ZoneId.systemDefault()).toString());
        machine.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        machine.put("PostgreSQL", Integer.toString(cluster.version()));
        machine.put("Java", Runtime.version().toString());
        machine.put("JAVA_OPTS", javaOptions);
        machine.put("size", share == 1 ? "full" : "1/" + share);
        machine.put("repetitions", Integer.toString(repetitions));
        Path load = Path.of("/proc/loadavg");
        if (Files.exists(load)) {
            machine.put("load average", Files.readString(load).trim());
        }
        return machine;
    }
}
