package dev.replicator.it.bench;

import java.util.Map;

/**
 * One measurement.
 *
 * @param workload its letter and name
 * @param figure what was measured, with its unit
 * @param value the figure
 * @param higherIsBetter whether more of it is better
 * @param sourceCpu processor seconds of the source cluster
 * @param processCpu of the process between, if there is one
 * @param targetCpu of the target cluster
 * @param peakMemoryBytes the most the process between has had resident
 * @param details further figures, by name
 */
record Run(
        String workload,
        String contender,
        int repetition,
        String figure,
        double value,
        boolean higherIsBetter,
        double sourceCpu,
        double processCpu,
        double targetCpu,
        long peakMemoryBytes,
        Map<String, Double> details) {}
