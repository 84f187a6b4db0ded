package dev.replicator.it.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The repetitions of one contender in one workload: medians, and the range of the figure. */
record Summary(
        String workload,
        String contender,
        String figure,
        boolean higherIsBetter,
        double median,
        double least,
        double most,
        double sourceCpu,
        double processCpu,
        double targetCpu,
        long peakMemoryBytes,
        Map<String, Double> details) {

    static Summary of(List<Run> runs) {
        Run first = runs.get(0);
        Map<String, Double> details = new LinkedHashMap<>();
        first.details()
                .keySet()
                .forEach(name ->
                        details.put(name, median(runs, run -> run.details().get(name))));
        return new Summary(
                first.workload(),
                first.contender(),
                first.figure(),
                first.higherIsBetter(),
                median(runs, Run::value),
                runs.stream().mapToDouble(Run::value).min().orElseThrow(),
                runs.stream().mapToDouble(Run::value).max().orElseThrow(),
                median(runs, Run::sourceCpu),
                median(runs, Run::processCpu),
                median(runs, Run::targetCpu),
                runs.stream().mapToLong(Run::peakMemoryBytes).max().orElseThrow(),
                details);
    }

    private static double median(List<Run> runs, ToDoubleFunction<Run> figure) {
        double[] sorted = runs.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    boolean isOurs() {
        return contender.startsWith(Contenders.OURS);
    }
}
