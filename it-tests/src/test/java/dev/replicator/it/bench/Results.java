package dev.replicator.it.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All measurements of this run of the benchmark. Thread: one. */
final class Results {
    private final List<Run> runs = new ArrayList<>();

    void add(Run run) {
        runs.add(run);
        System.err.printf(
                "%s  %-24s %2d  %,12.2f %s   cpu s: source %.2f, process %.2f, target %.2f  %s%n",
                run.workload(),
                run.contender(),
                run.repetition(),
                run.value(),
                run.figure(),
                run.sourceCpu(),
                run.processCpu(),
                run.targetCpu(),
                run.details());
    }

    /** One summary for each workload and contender, in the order of the runs. */
    List<Summary> summaries() {
        Map<String, List<Run>> groups = new LinkedHashMap<>();
        for (Run run : runs) {
            groups.computeIfAbsent(run.workload() + "|" + run.contender(), key -> new ArrayList<>())
                    .add(run);
        }
        return groups.values().stream().map(Summary::of).toList();
    }

    /** For machines: every measurement, and the machine's own description. */
    void write(Path file, Map<String, String> machine) {
        try {
            new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValue(file.toFile(), Map.of("machine", machine, "runs", runs));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
