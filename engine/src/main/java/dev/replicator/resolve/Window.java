package dev.replicator.resolve;

import dev.replicator.codec.RowCodec;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import dev.replicator.model.Mark;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    private final ResolverSettings settings;
    private final int masters;
    private final KeyStates keys;
    /** TRUNCATEs that are open, per table. */
    private final Map<Table, List<Version>> truncates = new HashMap<>();

    private final TruncateNotes truncateNotes = new TruncateNotes();

    /** Transactions whose keys are virtual. */
    private final List<Bulk> bulks = new ArrayList<>(0);

    /** Per source the versions that wait to be closed. */
    private final List<ClosingQueue> closing = new ArrayList<>();
    /** Per source: every transaction that commits below has passed at every master. */
    private final long[] closed;
    /** Nodes that nobody waits for. */
    private long absent;

    private long highestClosed;

    Window(ResolverSettings settings, Done done, Backlog backlog) {
        this.masters = settings.sourceCount();
        this.settings = settings;
        MemoryLimits limits = settings.memory();
        KeyStateCodec codec = new KeyStateCodec(settings, done, new RowCodec(), this::theOpenOne);
        this.keys =
                new KeyStates(limits.windowBytes(), () -> new KeyFile(codec, limits.spool(), limits.segmentBytes()));
        this.closed = new long[masters];
        for (int source = 0; source < masters; source++) {
            closing.add(new ClosingQueue(backlog, limits.queueBytes()));
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
        closing.get(source).below(end, hash -> keys.get(hash).forEach(close));
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

    /** What was closed before this process began has at most this h. */
    void begunAfter(long highest) {
        highestClosed = Math.max(highestClosed, highest);
    }

    private Version theOpenOne(Version truncate) {
        for (Version open : truncates(truncate.change.table())) {
            if (open.compareTo(truncate) == 0) {
                return open;
            }
        }
        return truncate;
    }

    @Nullable
    KeyState get(Key key) {
        KeyState state = keys.get(key);
        if (state != null) {
            return state;
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
        KeyState state = keys.add(new KeyState(key, settings.resolution(key.table()), masters));
        version.frontier = true;
        state.insert(version);
        closing(version);
        bulk.became(state, version);
        return state;
    }

    /** Whether nothing is open that a change of this key could meet, virtual keys included. */
    boolean isFree(Key key) {
        return !keys.has(key.hash())
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
            state = keys.add(new KeyState(key, settings.resolution(key.table()), masters));
            if (settings.has(Rule.TWNEW)) {
                truncates(key.table()).forEach(state::insert);
                truncateNotes.tell(state);
            }
        }
        return state;
    }

    /** Notes what a mark in the log of {@code source} says of the keys that are open. */
    void note(int source, Mark mark) {
        long own = mark.held().get(source);
        if (hasTruncateOf(source)) {
            truncateNotes.keep(source, mark);
        }
        note(source, mark.written(), new KeyState.Note(mark.commitLsn(), own, true));
        note(source, mark.missed(), new KeyState.Note(mark.commitLsn(), own, false));
        if (!mark.truncated().isEmpty()) {
            Set<Object> names = new HashSet<>(mark.truncated());
            forEach(state -> {
                if (names.contains(state.key.table().name())) {
                    state.note(source, new KeyState.Note(mark.commitLsn(), own, true));
                }
            });
        }
    }

    private boolean hasTruncateOf(int source) {
        return truncates.values().stream().anyMatch(open -> open.stream().anyMatch(each -> each.source() == source));
    }

    private void note(int source, long[] hashes, KeyState.Note note) {
        for (long hash : hashes) {
            for (Bulk bulk : bulks) {
                // Only changes of this very log can have been written over by what the mark tells of.
                if (bulk.item.source == source && bulk.has(hash)) {
                    get(bulk.key(hash));
                }
            }
            for (KeyState state : keys.get(hash)) {
                state.note(source, note);
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
    List<Table> closeTruncates(Predicate<Version> isOpen) {
        List<Table> freed = new ArrayList<>(0);
        truncates.entrySet().removeIf(entry -> {
            entry.getValue().removeIf(version -> !isOpen.test(version));
            if (entry.getValue().isEmpty()) {
                freed.add(entry.getKey());
                return true;
            }
            return false;
        });
        if (truncates.isEmpty()) {
            truncateNotes.clear();
        }
        return freed;
    }

    /** Whether something holds a key open. */
    boolean isHeld(KeyState state) {
        return state.hasOpen(closed) || state.isPending(absent) || truncates.containsKey(state.key.table());
    }

    /** Whether something is open of one of these tables, or may be. */
    boolean isOpen(Set<TableName> tables) {
        if (!bulks.isEmpty() || truncates.keySet().stream().anyMatch(table -> tables.contains(table.name()))) {
            return true;
        }
        boolean[] open = new boolean[1];
        forEach(state -> open[0] |= tables.contains(state.key.table().name()));
        return open[0];
    }

    /** What is on its way to this node keeps no key open any more. */
    void leaveOut(int node) {
        absent |= 1L << node;
    }

    /** The largest h of all versions that have left. */
    long highestClosed() {
        return highestClosed;
    }

    private void leaves(KeyState state) {
        for (Version version : state.versions) {
            highestClosed = Math.max(highestClosed, version.h);
        }
    }

    /** Takes a key out. */
    void close(KeyState state) {
        leaves(state);
        keys.remove(state);
    }

    /** Visits all open keys, as they stand now; no other may be asked for meanwhile. */
    void forEach(Consumer<KeyState> action) {
        keys.forEach(state -> {
            action.accept(state);
            return true;
        });
    }

    /** The same for the keys of one table; virtual ones are made real. */
    void forEach(Table table, Consumer<KeyState> action) {
        makeReal(table);
        forEach(state -> {
            if (state.key.table().equals(table)) {
                action.accept(state);
            }
        });
    }

    /** Takes out all keys for which {@code stays} says no. */
    void retain(Predicate<KeyState> stays) {
        keys.forEach(state -> {
            boolean stay = stays.test(state);
            if (!stay) {
                leaves(state);
            }
            return stay;
        });
    }

    private void makeReal(Table table) {
        for (Bulk bulk : List.copyOf(bulks)) {
            bulk.forEachVirtual(table, this::get);
        }
    }

    int size() {
        return keys.size() + bulks.size();
    }

    /** Bytes of files. */
    long fileBytes() {
        return keys.fileBytes();
    }

    /** Why more is in memory than should be; null: it is not. */
    @Nullable
    ReplicatorException failure() {
        return keys.failure();
    }

    /** Tries again what has failed. */
    void retry() {
        keys.retry();
    }

    /** Gives up all files. */
    void close() {
        keys.close();
        bulks.forEach(Bulk::close);
    }
}
