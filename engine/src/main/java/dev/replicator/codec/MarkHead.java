package dev.replicator.codec;

import dev.replicator.model.MarkNumber;
import java.util.List;

/**
 * What a mark says apart from its keys.
 *
 * @param sync name of the sync
 * @param fence fence number of the session that wrote it
 * @param batch number of the batch within that session
 * @param highest H
 * @param held V, by source name
 * @param flags {@link #OPENING}, {@link #LAST} and {@link #IN_ORIGIN}
 * @param part number of this message among those of its batch, from 0
 */
public record MarkHead(String sync, long fence, long batch, long highest, List<Held> held, int flags, int part) {
    /** The first message of a transaction of ours, where there are no origins to know it by; lists no keys. */
    public static final int OPENING = 1;
    /** The last mark of its batch. */
    public static final int LAST = 2;
    /** The whole transaction has our replication origin: without it, the message is a copy. */
    public static final int IN_ORIGIN = 4;

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
        return new MarkHead(sync, fence, batch, highest, held, newFlags, part);
    }

    public MarkHead withPart(int newPart) {
        return new MarkHead(sync, fence, batch, highest, held, flags, newPart);
    }

    public boolean isInOrigin() {
        return (flags & IN_ORIGIN) != 0;
    }

    public MarkNumber number() {
        return new MarkNumber(fence, batch);
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
