package dev.replicator.it.bench;

/** What replicates, and is measured. Thread: one. */
interface Contender extends AutoCloseable {
    String name();

    /** Makes what it needs on the servers; from now on, what commits at the source waits for it. */
    void prepare();

    /** Lets it go on, or begin. Returns when it has begun to read the source's log. */
    void go();

    /** Returns when the source has been told that everything up to this position of its log has arrived. */
    void settle(String position);

    /** Nothing is read or written any more when this returns; what commits at the source waits again. */
    void halt();

    /** Of a process of its own; what runs within the servers counts there. */
    double cpuSeconds();

    /** The most its process has had; 0 if it has none. */
    long peakMemoryBytes();

    /** Leaves nothing behind. */
    @Override
    void close();
}
