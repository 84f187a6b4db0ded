package dev.replicator.resolve;

import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose versions are not closed. As large as the lag, empty when the sync is idle.
 *
 * <p>A version is closed at a master when that master's log has been read past the mark of the last item for its key
 * there, or past the mark that covers it. A key leaves, tombstones too, when all its versions are closed at all masters
 * and nothing of ours for it is on its way; no key of a table leaves while a TRUNCATE of it is open. Indexed by key hash
 * alone, because that is what marks carry; a hit is verified against the true key.
 */
final class Window {
    private final int masters;
    private final boolean entersTruncates;
    private final Map<Long, Chain> keys = new HashMap<>();
    /** TRUNCATEs that are open, per table. */
    private final Map<Table, List<Version>> truncates = new HashMap<>();

    /** Transactions whose keys are virtual. */
    private final List<Bulk> bulks = new ArrayList<>(0);

    /** Per source the versions that wait to be closed. */
    private final List<ClosingQueue> closing = new ArrayList<>();
    /** Per source: every transaction that commits below has passed at every master. */
    private final long[] closed;

    private int size;

    /** Keys of one hash; more than one is a collision. */
    private static final class Chain {
        final KeyState state;
        final @Nullable Chain next;

        Chain(KeyState state, @Nullable Chain next) {
            this.state = state;
            this.next = next;
        }
    }

    Window(int masters, boolean entersTruncates) {
        this.masters = masters;
        this.entersTruncates = entersTruncates;
        this.closed = new long[masters];
        for (int source = 0; source < masters; source++) {
            closing.add(new ClosingQueue());
        }
    }

    /** Has the key of a version looked at again when its transaction has passed at every master. */
    void closing(Version version) {
        closing.get(version.source())
                .add(version.lsn(), version.change.requireKey().hash());
    }

    /** Every transaction of {@code source} that commits below {@code end} has passed at every master. */
    void passed(int source, long end, Consumer<KeyState> close) {
        if (end <= closed[source]) {
            return;
        }
        closed[source] = end;
        closing.get(source).below(end, hash -> states(hash).forEach(close));
        for (Bulk bulk : List.copyOf(bulks)) {
            if (bulk.item.source == source && bulk.item.commitLsn < end) {
                bulks.remove(bulk);
                bulk.close();
                bulk.item.release();
            }
        }
    }

    /** Whether the transaction of a version has not passed at every master. */
    boolean isOpen(Version version) {
        return version.lsn() >= closed[version.source()];
    }

    private List<KeyState> states(long hash) {
        List<KeyState> states = new ArrayList<>(1);
        for (Chain at = keys.get(hash); at != null; at = at.next) {
            states.add(at.state);
        }
        return states;
    }

    @Nullable
    KeyState get(Key key) {
        for (Chain at = keys.get(key.hash()); at != null; at = at.next) {
            if (at.state.key.equals(key)) {
                return at.state;
            }
        }
        for (Bulk bulk : bulks) {
            Version version = bulk.take(key);
            if (version != null) {
                return makeReal(bulk, key, version);
            }
        }
        return null;
    }

    private KeyState makeReal(Bulk bulk, Key key, Version version) {
        KeyState state = insert(new KeyState(key, masters));
        version.frontier = true;
        state.insert(version);
        closing(version);
        bulk.became(state);
        return state;
    }

    private KeyState insert(KeyState state) {
        keys.put(state.key.hash(), new Chain(state, keys.get(state.key.hash())));
        size++;
        return state;
    }

    /** Whether nothing is open that a change of this key could meet, virtual keys included. */
    boolean isFree(Key key) {
        return !keys.containsKey(key.hash())
                && !truncates.containsKey(key.table())
                && bulks.stream().noneMatch(bulk -> bulk.has(key.hash()));
    }

    void open(Bulk bulk) {
        bulk.item.retain();
        bulks.add(bulk);
    }

    List<Bulk> bulks() {
        return bulks;
    }

    /** The state of a key; a new one starts under the open TRUNCATEs of its table. */
    KeyState open(Key key) {
        KeyState state = get(key);
        if (state == null) {
            state = insert(new KeyState(key, masters));
            if (entersTruncates) {
                truncates(key.table()).forEach(state::insert);
            }
        }
        return state;
    }

    /** Notes what a mark in the log of {@code source} says of the keys that are open. */
    void note(int source, Mark mark) {
        long own = mark.held().get(source);
        note(source, mark.written(), new KeyState.Note(mark.commitLsn(), own, true));
        note(source, mark.missed(), new KeyState.Note(mark.commitLsn(), own, false));
        if (!mark.truncated().isEmpty()) {
            Set<Object> names = new HashSet<>(mark.truncated());
            for (KeyState state : all()) {
                if (names.contains(state.key.table().name())) {
                    state.note(source, new KeyState.Note(mark.commitLsn(), own, true));
                }
            }
        }
    }

    private void note(int source, long[] hashes, KeyState.Note note) {
        for (long hash : hashes) {
            for (Bulk bulk : bulks) {
                // Only changes of this very log can have been written over by what the mark tells of.
                if (bulk.item.source == source && bulk.has(hash)) {
                    get(bulk.key(hash));
                }
            }
            for (Chain at = keys.get(hash); at != null; at = at.next) {
                at.state.note(source, note);
            }
        }
    }

    List<Version> truncates(Table table) {
        return truncates.getOrDefault(table, List.of());
    }

    /** Tables with an open TRUNCATE. */
    List<Table> truncatedTables() {
        return List.copyOf(truncates.keySet());
    }

    /** Enters a TRUNCATE; the caller puts it under every open key. */
    void enter(Version truncate) {
        truncates
                .computeIfAbsent(truncate.change.table(), table -> new ArrayList<>(1))
                .add(truncate);
    }

    /** Lets go of the TRUNCATEs that {@code isOpen} no longer holds; returns the tables that have none left. */
    List<Table> closeTruncates(java.util.function.Predicate<Version> isOpen) {
        List<Table> freed = new ArrayList<>(0);
        truncates.entrySet().removeIf(entry -> {
            entry.getValue().removeIf(version -> !isOpen.test(version));
            if (entry.getValue().isEmpty()) {
                freed.add(entry.getKey());
                return true;
            }
            return false;
        });
        return freed;
    }

    /** Closes a key if nothing holds it open. */
    void closeIfIdle(KeyState state) {
        boolean held =
                state.hasOpen(closed) || state.isPendingAtAnyMaster() || truncates.containsKey(state.key.table());
        if (!held) {
            close(state);
        }
    }

    /** Takes a key out. */
    void close(KeyState state) {
        Chain rest = null;
        boolean found = false;
        for (Chain at = keys.get(state.key.hash()); at != null; at = at.next) {
            if (at.state == state) {
                found = true;
            } else {
                rest = new Chain(at.state, rest);
            }
        }
        if (found) {
            size--;
            if (rest == null) {
                keys.remove(state.key.hash());
            } else {
                keys.put(state.key.hash(), rest);
            }
        }
    }

    /** All open keys, as they stand now. */
    List<KeyState> all() {
        List<KeyState> states = new ArrayList<>(Math.max(size, 0));
        for (Chain chain : keys.values()) {
            for (Chain at = chain; at != null; at = at.next) {
                states.add(at.state);
            }
        }
        return states;
    }

    /** All open keys of a table; virtual ones are made real. */
    List<KeyState> all(Table table) {
        for (Bulk bulk : List.copyOf(bulks)) {
            for (Key key : bulk.virtualKeys()) {
                if (key.table().equals(table)) {
                    get(key);
                }
            }
        }
        List<KeyState> states = all();
        states.removeIf(state -> !state.key.table().equals(table));
        return states;
    }

    int size() {
        return size + bulks.size();
    }
}
