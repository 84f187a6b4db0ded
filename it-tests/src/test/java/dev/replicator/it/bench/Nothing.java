package dev.replicator.it.bench;

/** No replication at all, for comparison. */
final class Nothing implements Contender {
    @Override
    public String name() {
        return Contenders.NOTHING;
    }

    @Override
    public void prepare() {
        // It needs nothing.
    }

    @Override
    public void go() {
        // It does nothing.
    }

    @Override
    public void settle(String position) {
        // It has nothing to settle.
    }

    @Override
    public void halt() {
        // It does nothing.
    }

    @Override
    public double cpuSeconds() {
        return 0;
    }

    @Override
    public long peakMemoryBytes() {
        return 0;
    }

    @Override
    public void close() {
        // It leaves nothing.
    }
}
