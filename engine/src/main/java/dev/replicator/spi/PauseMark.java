package dev.replicator.spi;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What was said last of a sync, as far as one database knows: that it is paused, or that it is not. A database that was
 * away when that changed has an older mark: of several marks the {@link #later later} one holds.
 *
 * @param number rises with each pause and each end of one
 * @param since when it was said, by the clock of the machine it was said on
 * @param by who said it
 */
public record PauseMark(long number, boolean paused, Instant since, String by) {
    /** The one of both that holds; of two with the same number, said at the same moment, the pause. */
    public static Optional<PauseMark> later(Optional<PauseMark> a, Optional<PauseMark> b) {
        return Stream.concat(a.stream(), b.stream())
                .max(Comparator.comparingLong(PauseMark::number).thenComparing(PauseMark::paused));
    }
}
