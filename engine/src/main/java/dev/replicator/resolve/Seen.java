package dev.replicator.resolve;

import java.util.List;

/**
 * Whether one change was made in sight of another, told from the logs alone.
 *
 * <p>Changes of different nodes: V as it stood at the later reader covers the other. Changes of one node: the log's order
 * decides, unless one of our own writes came between: commit order is overwrite order, so a mark that <em>wrote</em> the
 * key after {@code w} without holding it has written over {@code w} before {@code c} was made. A mark that met no row
 * locked nothing and counts as evidence only when it held {@code w}.
 */
final class Seen {
    private Seen() {}

    /** Whether {@code c} has seen {@code w}, both versions of {@code key}. */
    static boolean seen(KeyState key, Version c, Version w) {
        if (c == w) {
            return false;
        }
        if (c.source() != w.source()) {
            return c.held.covers(w.source(), w.lsn());
        }
        if (w.lsn() >= c.lsn()) {
            return w.lsn() == c.lsn() && w.seq < c.seq;
        }
        List<KeyState.Note> notes = key.notes(c.source());
        for (int i = notes.size() - 1; i >= 0; i--) {
            KeyState.Note note = notes.get(i);
            if (note.markLsn() < w.lsn()) {
                break;
            }
            if (note.markLsn() < c.lsn()) {
                boolean held = note.own() > w.lsn();
                if (note.wrote()) {
                    return held;
                }
                if (held) {
                    return true;
                }
            }
        }
        return true;
    }

    static boolean concurrent(KeyState key, Version a, Version b) {
        return a != b && !seen(key, a, b) && !seen(key, b, a);
    }
}
