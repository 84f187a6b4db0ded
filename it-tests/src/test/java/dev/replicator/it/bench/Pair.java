package dev.replicator.it.bench;

/** Two contenders that work at the same time. */
final class Pair implements Contender {
    private final String name;
    private final Contender one;
    private final Contender other;

    Pair(String name, Contender one, Contender other) {
        this.name = name;
        this.one = one;
        this.other = other;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void prepare() {
        one.prepare();
        other.prepare();
    }

    @Override
    public void go() {
        one.go();
        other.go();
    }

    @Override
    public void settle(String position) {
        one.settle(position);
    }

    @Override
    public void halt() {
        one.halt();
        other.halt();
    }

    @Override
    public double cpuSeconds() {
        return one.cpuSeconds() + other.cpuSeconds();
    }

    @Override
    public long peakMemoryBytes() {
        return Math.max(one.peakMemoryBytes(), other.peakMemoryBytes());
    }

    @Override
    public void close() {
        one.close();
        other.close();
    }
}
