package dev.replicator.pipeline;

import dev.replicator.observe.Listener;
import java.util.function.Consumer;

/** Where a thread's events go: to the resolve thread, which it can also wake, and to whoever listens. */
record Outlet(Consumer<Event> events, Runnable wake, Listener listener) {}
