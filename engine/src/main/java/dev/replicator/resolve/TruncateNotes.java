package dev.replicator.resolve;

import dev.replicator.model.Mark;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What marks said of keys that were not open then. A TRUNCATE is a version of every key of its table, also of those that
 * open later, and by these marks one knows whether a later change of its master had seen it under such a key. So they are
 * kept from the TRUNCATE on, of its own master only, until no TRUNCATE is open.
 */
final class TruncateNotes {
    private final List<Kept> kept = new ArrayList<>(0);

    /** Hashes are sorted. */
    private record Kept(int source, long markLsn, long own, long[] written, long[] missed, List<TableName> truncated) {}

    void keep(int source, Mark mark) {
        kept.add(new Kept(
                source,
                mark.commitLsn(),
                mark.held().get(source),
                sorted(mark.written()),
                sorted(mark.missed()),
                mark.truncated()));
    }

    private static long[] sorted(long[] hashes) {
        long[] copy = hashes.clone();
        Arrays.sort(copy);
        return copy;
    }

    /** Gives a key that opens under a TRUNCATE what marks have said of it. */
    void tell(KeyState state) {
        long hash = state.key.hash();
        for (Kept mark : kept) {
            if (Arrays.binarySearch(mark.written, hash) >= 0
                    || mark.truncated.contains(state.key.table().name())) {
                state.note(mark.source, new KeyState.Note(mark.markLsn, mark.own, true));
            }
            if (Arrays.binarySearch(mark.missed, hash) >= 0) {
                state.note(mark.source, new KeyState.Note(mark.markLsn, mark.own, false));
            }
        }
    }

    void clear() {
        kept.clear();
    }
}
