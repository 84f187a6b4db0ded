package dev.replicator.it.bench;

/** Processor time of the three parties since it was made. */
final class Meter {
    private final Cluster source;
    private final Cluster target;
    private final Contender contender;
    private final double sourceBefore;
    private final double targetBefore;
    private final double processBefore;

    Meter(Cluster source, Cluster target, Contender contender) {
        this.source = source;
        this.target = target;
        this.contender = contender;
        this.sourceBefore = source.cpuSeconds();
        this.targetBefore = target.cpuSeconds();
        this.processBefore = contender.cpuSeconds();
    }

    double source() {
        return source.cpuSeconds() - sourceBefore;
    }

    double target() {
        return target.cpuSeconds() - targetBefore;
    }

    double process() {
        return contender.cpuSeconds() - processBefore;
    }
}
