package dev.replicator.cli.command;

import dev.replicator.cli.admin.AdminServer;
import dev.replicator.cli.admin.SyncChange;
import dev.replicator.cli.config.Configuration;
import dev.replicator.cli.daemon.Daemon;
import dev.replicator.error.ReplicatorException;
import dev.replicator.observe.LogListener;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code replicator run}. */
@Command(
        name = "run",
        description = {
            "Replicates all syncs of the configuration until it is stopped, in the foreground; for systemd and containers.",
            "At first it checks everything, as \"replicator check\" does, and makes what is missing: publications, slots,"
                    + " schema \"replicator\". It keeps no state of its own: killed at any moment and started anywhere with"
                    + " the same file, it goes on where it was. A second process with the same syncs waits as a standby and"
                    + " takes over when the first ends. SIGTERM and Ctrl-C end it cleanly; SIGHUP has it take what has changed"
                    + " in the file, as \"replicator reload\" does.",
            "The log goes to standard error."
        },
        footer = {"", "Example:", "  replicator run --config /etc/replicator/sync.yaml"},
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    @Mixin
    private ConfigOption config = new ConfigOption();

    /** What is to be ended by a signal. */
    private static final class Running {
        private @Nullable Daemon daemon;
        private @Nullable AdminServer admin;
        private boolean ended;

        synchronized void set(Daemon started) {
            daemon = started;
        }

        synchronized void set(@Nullable AdminServer started) {
            admin = started;
        }

        /** Once; says whether there was anything to end. */
        synchronized boolean end() {
            if (ended) {
                return false;
            }
            ended = true;
            if (admin != null) {
                admin.close();
            }
            if (daemon != null) {
                daemon.close();
            }
            return true;
        }
    }

    private static void reload(Daemon daemon) {
        try {
            if (daemon.reload(true).stream().allMatch(change -> change.kind() == SyncChange.Kind.SAME)) {
                LOG.info("nothing to reload: the configuration is as it was");
            }
        } catch (ReplicatorException e) {
            LOG.error("could not reload, and go on as before: {}", e.formatted().replaceFirst("^ERROR: +", ""));
        }
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        Configuration configuration = config.read();
        Running running = new Running();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (running.end()) {
                                LOG.info("stopped");
                                // What a signal ends well has ended well.
                                Runtime.getRuntime().halt(0);
                            }
                        },
                        "stop"));
        try {
            LOG.info(
                    "starting with {}, process {}",
                    config.file(),
                    ProcessHandle.current().pid());
            Daemon daemon = Daemon.of(configuration, new LogListener());
            running.set(daemon);
            AdminServer admin = AdminServer.start(configuration.admin(), config.adminPlace(), daemon);
            running.set(admin);
            if (admin != null) {
                LOG.info("admin API at {}", admin.address());
            }
            Hangup.handle(() -> reload(daemon));
            daemon.start();
            ReplicatorException failure = daemon.failure().get();
            throw failure;
        } finally {
            running.end();
        }
    }
}
