package dev.replicator.resolve;

import dev.replicator.codec.SpooledChanges;
import dev.replicator.model.Key;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the window holds for one key: its open versions, what marks said of it, and how much of ours is on its way to
 * each master.
 */
final class KeyState {
    final Key key;
    /** How its value is found. */
    final Resolution resolution;
    /** In version order. */
    final List<Version> versions = new ArrayList<>(2);
    /** Per source, oldest first; null while there are none. */
    private final @Nullable List<Note>[] notes;
    /** Some row that carries the key's columns, for deletes. */
    private @Nullable Row keyRow;
    /** Operations for this key queued for a master or whose mark has not been read; pendingResets: those that are absolute. */
    final int[] pending;

    final int[] pendingResets;

    /**
     * What one mark said of the key.
     *
     * @param markLsn commit LSN of the mark
     * @param own the mark's V entry for its own log
     * @param wrote written, or met no row
     */
    record Note(long markLsn, long own, boolean wrote) {}

    @SuppressWarnings("unchecked")
    KeyState(Key key, Resolution resolution, int masters) {
        this.key = key;
        this.resolution = resolution;
        this.pending = new int[masters];
        this.pendingResets = new int[masters];
        this.notes = (List<Note>[]) new List<?>[masters];
    }

    /** Puts a version in its place in version order. */
    void insert(Version version) {
        int at = versions.size();
        while (at > 0 && versions.get(at - 1).compareTo(version) > 0) {
            at--;
        }
        versions.add(at, version);
        if (version.change.row() != null) {
            keyRow = version.change.row();
        }
    }

    /** Heap it takes, about. */
    long bytes() {
        long bytes = 320 + key.canonical().length + 16L * pending.length;
        for (Version version : versions) {
            bytes += 160 + SpooledChanges.bytesOf(version.change);
        }
        for (List<Note> list : notes) {
            bytes += list == null ? 0 : 40L * list.size();
        }
        return bytes;
    }

    boolean isKeyRow(@Nullable Row row) {
        return row != null && row == keyRow;
    }

    @Nullable
    Row keyRowIfAny() {
        return keyRow;
    }

    void restoreKeyRow(@Nullable Row row) {
        keyRow = row;
    }

    Row keyRow() {
        Row row = keyRow;
        if (row == null) {
            throw new IllegalStateException("no row carries " + key);
        }
        return row;
    }

    /** Keeps what a mark said, if it may matter: nobody walks back further than the oldest own version. */
    void note(int source, Note note) {
        if (versions.stream().noneMatch(version -> version.source() == source)) {
            return;
        }
        addNote(source, note);
    }

    void addNote(int source, Note note) {
        List<Note> list = notes[source];
        if (list == null) {
            list = new ArrayList<>(1);
            notes[source] = list;
        }
        list.add(note);
    }

    List<Note> notes(int source) {
        List<Note> list = notes[source];
        return list == null ? List.of() : list;
    }

    /** Drops notes that are older than every own version here: nobody walks back so far. */
    void trimNotes(int source) {
        List<Note> list = notes[source];
        if (list == null) {
            return;
        }
        long oldest = Long.MAX_VALUE;
        for (Version version : versions) {
            if (version.source() == source) {
                oldest = Math.min(oldest, version.lsn());
            }
        }
        long from = oldest;
        list.removeIf(note -> note.markLsn() < from);
        if (list.isEmpty()) {
            notes[source] = null;
        }
    }

    boolean isWhole() {
        for (Version version : versions) {
            if (!version.isReset() || version.isTruncate()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a version here has not passed at every master; {@code closed}: per source, up to where all have. */
    boolean hasOpen(long[] closed) {
        for (Version version : versions) {
            if (!version.isTruncate() && version.lsn() >= closed[version.source()]) {
                return true;
            }
        }
        return false;
    }

    /** Whether something is on its way to a master that is not among {@code absent}. */
    boolean isPending(long absent) {
        for (int master = 0; master < pending.length; master++) {
            if (pending[master] > 0 && (absent >>> master & 1) == 0) {
                return true;
            }
        }
        return false;
    }
}
