package dev.replicator.codec;

import java.util.List;

/**
 * The signed part of a mark.
 *
 * @param sync name of the sync
 * @param fence fence number of the session that wrote it
 * @param batch number of the batch within that session
 * @param highest H
 * @param held V, by source name
 * @param flags {@link #OPENING} and {@link #LAST}
 */
public record MarkHead(String sync, long fence, long batch, long highest, List<Held> held, int flags) {
    /** The first message of a transaction of ours, where there are no origins to know it by; lists no keys. */
    public static final int OPENING = 1;
    /** The last mark of its batch. */
    public static final int LAST = 2;

    public MarkHead {
        held = List.copyOf(held);
    }

    /** One entry of V. */
    public record Held(String source, long position) {}

    public boolean isOpening() {
        return (flags & OPENING) != 0;
    }

    public boolean isLast() {
        return (flags & LAST) != 0;
    }

    public MarkHead withFlags(int newFlags) {
        return new MarkHead(sync, fence, batch, highest, held, newFlags);
    }

    /** The position of a source in V; 0 when it is not named. */
    public long heldOf(String source) {
        for (Held entry : held) {
            if (entry.source().equals(source)) {
                return entry.position();
            }
        }
        return 0;
    }
}
