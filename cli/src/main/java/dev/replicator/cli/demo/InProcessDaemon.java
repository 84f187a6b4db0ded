package dev.replicator.cli.demo;

import dev.replicator.cli.admin.AdminPlace;
import dev.replicator.cli.admin.AdminServer;
import dev.replicator.cli.admin.RunningSyncs;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.observe.LogListener;
import org.jspecify.annotations.Nullable;

/** The replicator in this process, as {@code replicator run} runs it, with the admin API that other commands ask. */
final class InProcessDaemon implements AutoCloseable {
    private final Daemon daemon;
    private final @Nullable AdminServer admin;

    private InProcessDaemon(Daemon daemon, @Nullable AdminServer admin) {
        this.daemon = daemon;
        this.admin = admin;
    }

    static InProcessDaemon start(Configuration configuration) {
        Daemon daemon = Daemon.start(configuration, new LogListener());
        AdminPlace place = AdminPlace.of(configuration.file(), System.getenv());
        return new InProcessDaemon(daemon, AdminServer.start(configuration.admin(), place, daemon));
    }

    RunningSyncs syncs() {
        return daemon;
    }

    /** Stops cleanly; never throws. */
    @Override
    public void close() {
        if (admin != null) {
            admin.close();
        }
        daemon.close();
    }
}
