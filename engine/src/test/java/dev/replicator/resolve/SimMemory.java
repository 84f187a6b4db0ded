package dev.replicator.resolve;

import java.nio.file.Path;

/** Limits of memory by the seed: of four histories one spills everything, one some of it, and two nothing. */
final class SimMemory {
    private static final Path SPOOL = Path.of(System.getProperty("java.io.tmpdir"));

    private SimMemory() {}

    /** Whether a node that is away now is given up: now and then, in one history of three. */
    static boolean givesUp(long seed, long now) {
        return seed % 3 == 1 && (seed + now) % 11 == 0;
    }

    static MemoryLimits limits(long seed) {
        return switch ((int) (seed % 4)) {
            case 1 -> new MemoryLimits(1, 1, Long.MAX_VALUE, SPOOL);
            case 2 -> new MemoryLimits(2000, 1000, Long.MAX_VALUE, SPOOL);
            default -> new MemoryLimits(1L << 20, 1L << 20, Long.MAX_VALUE, SPOOL);
        };
    }
}
