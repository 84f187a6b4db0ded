package dev.replicator.resolve;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Key;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open keys by hash: those touched lately in memory, the others, beyond a limit in bytes, in a file.
 *
 * <p>A key that is asked for comes back to memory, and may be used until another one is asked for: then it may leave. A
 * full disk loses nothing: the keys stay in memory, and {@link #failure()} says so until it has worked. One thread.
 */
final class KeyStates {
    private final long limitBytes;
    private final Supplier<KeyFile> makeFile;
    /** Oldest first. */
    private final Map<Long, Chain> memory = new LinkedHashMap<>();

    private @Nullable KeyFile file;
    private @Nullable ReplicatorException failure;
    private long memoryBytes;
    private long failedAtBytes;
    private int size;

    /** Keys of one hash; more than one is a collision. */
    private static final class Chain {
        private List<KeyState> states;
        private long bytes;

        Chain(List<KeyState> states) {
            this.states = states;
        }
    }

    KeyStates(long limitBytes, Supplier<KeyFile> makeFile) {
        this.limitBytes = limitBytes;
        this.makeFile = makeFile;
    }

    @Nullable
    KeyState get(Key key) {
        for (KeyState state : get(key.hash())) {
            if (state.key.equals(key)) {
                return state;
            }
        }
        return null;
    }

    /** The keys of a hash. */
    List<KeyState> get(long hash) {
        relieve();
        Chain chain = memory.get(hash);
        if (chain == null) {
            List<KeyState> states = file == null ? List.of() : file.take(hash);
            if (states.isEmpty()) {
                return states;
            }
            keep(states);
            return states;
        }
        measure(chain);
        return chain.states;
    }

    /** Its size as it stands now, for the limit; what is done to it then is counted the next time. */
    private void measure(Chain chain) {
        long bytes = 0;
        for (KeyState state : chain.states) {
            bytes += state.bytes();
        }
        memoryBytes += bytes - chain.bytes;
        chain.bytes = bytes;
    }

    boolean has(long hash) {
        return memory.containsKey(hash) || (file != null && file.has(hash));
    }

    /** Enters a key that is not there. */
    KeyState add(KeyState state) {
        List<KeyState> others = get(state.key.hash());
        List<KeyState> all = new ArrayList<>(others);
        all.add(state);
        Chain chain = memory.computeIfAbsent(state.key.hash(), hash -> new Chain(List.of()));
        chain.states = List.copyOf(all);
        measure(chain);
        size++;
        return state;
    }

    /** Takes a key out, if it is there. */
    void remove(KeyState state) {
        Chain chain = memory.get(state.key.hash());
        if (chain != null && chain.states.contains(state)) {
            size--;
            chain.states = without(chain.states, state);
            measure(chain);
            if (chain.states.isEmpty()) {
                memory.remove(state.key.hash());
            }
        }
    }

    private static List<KeyState> without(List<KeyState> states, KeyState state) {
        List<KeyState> rest = new ArrayList<>(states);
        rest.remove(state);
        return List.copyOf(rest);
    }

    /** Visits every key; those for which {@code stays} says no are taken out. It must not ask for others. */
    void forEach(Predicate<KeyState> stays) {
        KeyFile before = file;
        long end = before == null ? 0 : before.end();
        for (Long hash : List.copyOf(memory.keySet())) {
            for (KeyState state : get(hash)) {
                if (!stays.test(state)) {
                    remove(state);
                }
            }
        }
        if (before != null) {
            before.forEach(end, states -> left(states, stays), this::keep);
        }
    }

    private void keep(List<KeyState> states) {
        Chain chain = new Chain(states);
        memory.put(states.get(0).key.hash(), chain);
        measure(chain);
    }

    private List<KeyState> left(List<KeyState> states, Predicate<KeyState> stays) {
        List<KeyState> left = new ArrayList<>(states);
        left.removeIf(state -> !stays.test(state));
        size -= states.size() - left.size();
        return left;
    }

    int size() {
        return size;
    }

    /** Takes keys out of memory, the ones that came first, until half of the limit is free. */
    private void relieve() {
        if (memoryBytes <= limitBytes) {
            failure = null;
            return;
        }
        if (failure != null && memoryBytes <= failedAtBytes) {
            return;
        }
        try {
            if (file == null) {
                file = makeFile.get();
            }
            move(file);
            failure = null;
        } catch (ReplicatorException e) {
            failure = e;
            failedAtBytes = memoryBytes + limitBytes / 16;
        }
    }

    /** Tries again at once although it has just failed; nobody may hold a key. */
    void retry() {
        failedAtBytes = 0;
        relieve();
    }

    private void move(KeyFile to) {
        List<List<KeyState>> cold = new ArrayList<>();
        long bytes = memoryBytes;
        Iterator<Chain> each = memory.values().iterator();
        while (bytes > limitBytes / 2 && each.hasNext()) {
            Chain chain = each.next();
            cold.add(chain.states);
            bytes -= chain.bytes;
        }
        to.write(cold);
        for (List<KeyState> states : cold) {
            memory.remove(states.get(0).key.hash());
        }
        memoryBytes = bytes;
    }

    /** Why keys that should be in the file are not; null: they are. */
    @Nullable
    ReplicatorException failure() {
        return failure;
    }

    long fileBytes() {
        return file == null ? 0 : file.bytes();
    }

    void close() {
        if (file != null) {
            file.close();
        }
    }
}
