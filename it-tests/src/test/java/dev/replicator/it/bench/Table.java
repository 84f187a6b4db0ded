package dev.replicator.it.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The results as a Markdown table. Ratios are against the better of PostgreSQL's own settings. */
final class Table {
    private static final String HEAD = """
            | workload | what | median | range | ratio | CPU s source | process | target | MiB | more |
            |---|---|---|---|---|---|---|---|---|---|
            """;

    private Table() {}

    static String of(List<Summary> summaries) {
        Map<String, List<Summary>> workloads = summaries.stream()
                .collect(Collectors.groupingBy(Summary::workload, LinkedHashMap::new, Collectors.toList()));
        StringBuilder text = new StringBuilder(HEAD);
        workloads.forEach((workload, rows) -> {
            String shown = workload + ", " + rows.get(0).figure();
            for (Summary row : ordered(rows)) {
                text.append(line(shown, row, best(rows)));
                shown = "";
            }
        });
        return text.toString();
    }

    private static List<Summary> ordered(List<Summary> rows) {
        List<Summary> ordered = new ArrayList<>(rows);
        ordered.sort(Comparator.comparing(row -> !row.isOurs()));
        return ordered;
    }

    /** PostgreSQL's better setting. */
    static Optional<Summary> best(List<Summary> rows) {
        Comparator<Summary> byFigure = Comparator.comparingDouble(Summary::median);
        return rows.stream()
                .filter(row -> !row.isOurs() && !row.contender().equals(Contenders.NOTHING))
                .max(rows.get(0).higherIsBetter() ? byFigure : byFigure.reversed());
    }

    private static String line(String workload, Summary row, Optional<Summary> best) {
        String ratio = best.isPresent() ? number(row.median() / best.get().median()) : "";
        String more = row.details().entrySet().stream()
                .filter(detail -> !detail.getKey().equals(row.figure()))
                .map(detail -> detail.getKey() + " " + number(detail.getValue()))
                .collect(Collectors.joining(", "));
        return "| " + workload + " | " + row.contender() + " | " + number(row.median()) + " | " + number(row.least())
                + " - " + number(row.most()) + " | " + ratio + " | " + number(row.sourceCpu()) + " | "
                + (row.processCpu() == 0 ? "" : number(row.processCpu())) + " | " + number(row.targetCpu()) + " | "
                + (row.peakMemoryBytes() == 0 ? "" : row.peakMemoryBytes() >> 20) + " | " + more + " |\n";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 1000 ? "%,.0f" : "%.2f", value);
    }
}
