package dev.replicator.pipeline;

import dev.replicator.observe.Listener;
import dev.replicator.observe.Listener.Side;
import dev.replicator.observe.Listener.State;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells the listener what each side of each database is doing, once per change. Used by the resolve thread only. */
final class StateBoard {
    private final String sync;
    private final Listener listener;
    private final Map<String, EnumMap<Side, Shown>> shown = new HashMap<>();

    StateBoard(String sync, Listener listener) {
        this.sync = sync;
        this.listener = listener;
    }

    void show(String database, Side side, State state, String reason) {
        Shown now = new Shown(state, reason);
        @Nullable
        Shown before = shown.computeIfAbsent(database, name -> new EnumMap<>(Side.class))
                .put(side, now);
        if (!now.equals(before)) {
            listener.stateChanged(sync, database, side, state, reason);
        }
    }

    private record Shown(State state, String reason) {}
}
