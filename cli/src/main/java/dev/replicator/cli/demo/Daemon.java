package dev.replicator.cli.demo;

import dev.replicator.observe.SyncStatus;

/** The running replicator as the demo needs it. */
interface Daemon extends AutoCloseable {
    SyncStatus status();

    /** Returns when nothing more is written to any database of the sync until {@link #resume}. */
    void pause();

    void resume();

    /** Stops cleanly; never throws. */
    @Override
    void close();
}
