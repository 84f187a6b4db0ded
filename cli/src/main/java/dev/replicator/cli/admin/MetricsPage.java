package dev.replicator.cli.admin;

import dev.replicator.observe.CopyStatus;
import dev.replicator.observe.DatabaseStatus;
import dev.replicator.observe.Listener.State;
import dev.replicator.observe.SlotStatus;
import dev.replicator.observe.SourceStatus;
import dev.replicator.observe.SyncStatus;
import dev.replicator.observe.TargetStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The status as Prometheus reads it: taken afresh at each scrape, by the same names as in {@code status --json}. */
final class MetricsPage {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RunningSyncs syncs;
    private final Map<String, Latest> latest = new HashMap<>();
    private final Map<String, AtomicLong> counts = new HashMap<>();

    /** What the last scrape saw of one database; the meters look here. */
    private static final class Latest {
        private volatile DatabaseStatus status;

        Latest(DatabaseStatus status) {
            this.status = status;
        }
    }

    MetricsPage(RunningSyncs syncs) {
        this.syncs = syncs;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    synchronized String text() {
        for (SyncStatus sync : syncs.status()) {
            sync.conflicts()
                    .forEach((type, count) -> counted(
                            "replicator.conflicts",
                            "conflicts resolved, by PostgreSQL's type name",
                            Tags.of("sync", sync.sync(), "type", type),
                            count));
            sync.tables()
                    .handlers()
                    .forEach(each -> counted(
                            "replicator.handler.failures",
                            "conflicts that code of the user's could not decide, so that the fallback did",
                            Tags.of("sync", sync.sync(), "table", each.table(), "handler", each.handler()),
                            each.failures()));
            for (DatabaseStatus database : sync.databases()) {
                String key = sync.sync() + "/" + database.database();
                Latest known = latest.get(key);
                if (known == null) {
                    Latest first = new Latest(database);
                    latest.put(key, first);
                    register(sync.sync(), first);
                } else {
                    known.status = database;
                }
            }
        }
        return registry.scrape();
    }

    private void counted(String name, String description, Tags tags, long count) {
        AtomicLong known = counts.computeIfAbsent(name + tags, key -> {
            AtomicLong first = new AtomicLong();
            FunctionCounter.builder(name, first, AtomicLong::doubleValue)
                    .description(description)
                    .tags(tags)
                    .register(registry);
            return first;
        });
        known.set(count);
    }

    private void register(String sync, Latest latest) {
        DatabaseStatus first = latest.status;
        Meters meters = new Meters(registry, Tags.of("sync", sync, "database", first.database()), latest);
        meters.gauge("replicator.healthy", status -> status.isHealthy() ? 1 : 0);
        meters.gauge("replicator.clock.offset.seconds", status -> seconds(status.clockOffset()));
        meters.gauge(
                "replicator.error",
                status -> status.lastError() != null && status.lastError().current() ? 1 : 0);
        if (first.source() != null) {
            meters.source("replicator.source.lag.bytes", SourceStatus::lagBytes);
            meters.source("replicator.source.streaming", source -> source.state() == State.STREAMING ? 1 : 0);
            meters.sourceCounter("replicator.source.transactions", SourceStatus::transactions);
            meters.sourceCounter("replicator.source.rows", SourceStatus::rows);
            meters.sourceCounter("replicator.source.conflicts", SourceStatus::conflicts);
            meters.slot("replicator.slot.retained.bytes", SlotStatus::retainedBytes);
            meters.slot("replicator.slot.budget.bytes", SlotStatus::budgetBytes);
            meters.slot("replicator.slot.age.seconds", slot -> seconds(slot.age()));
            meters.slot("replicator.slot.full.in.seconds", slot -> seconds(slot.fullIn()));
            meters.slot("replicator.slot.warning", slot -> slot.isWarning() ? 1 : 0);
        }
        if (first.target() != null) {
            meters.target("replicator.target.lag.seconds", target -> target.lagMicros() / 1e6);
            meters.target("replicator.target.streaming", target -> target.state() == State.STREAMING ? 1 : 0);
            meters.target("replicator.target.waiting.transactions", TargetStatus::waitingTransactions);
            meters.target("replicator.target.waiting.bytes", TargetStatus::waitingBytes);
            meters.target("replicator.target.quarantined", TargetStatus::quarantined);
            meters.copy("replicator.copy.tables", CopyStatus::tables);
            meters.copy("replicator.copy.tables.done", CopyStatus::tablesDone);
            meters.copy("replicator.copy.rows", CopyStatus::rows);
            meters.copy("replicator.copy.rows.expected", CopyStatus::totalRows);
            meters.copy("replicator.copy.bytes", CopyStatus::bytes);
            meters.targetCounter("replicator.target.transactions", TargetStatus::transactions);
            meters.targetCounter("replicator.target.rows", TargetStatus::rows);
            meters.targetCounter("replicator.target.batches", TargetStatus::batches);
        }
    }

    private static double seconds(@Nullable Duration span) {
        return span == null ? Double.NaN : span.toNanos() / 1e9;
    }

    private record Meters(MeterRegistry registry, Tags tags, Latest latest) {
        void gauge(String name, ToDoubleFunction<DatabaseStatus> value) {
            Gauge.builder(name, latest, l -> value.applyAsDouble(l.status))
                    .tags(tags)
                    .register(registry);
        }

        void counter(String name, ToDoubleFunction<DatabaseStatus> value) {
            FunctionCounter.builder(name, latest, l -> value.applyAsDouble(l.status))
                    .tags(tags)
                    .register(registry);
        }

        void source(String name, ToDoubleFunction<SourceStatus> value) {
            gauge(name, status -> status.source() == null ? Double.NaN : value.applyAsDouble(status.source()));
        }

        void sourceCounter(String name, ToDoubleFunction<SourceStatus> value) {
            counter(name, status -> status.source() == null ? 0 : value.applyAsDouble(status.source()));
        }

        void target(String name, ToDoubleFunction<TargetStatus> value) {
            gauge(name, status -> status.target() == null ? Double.NaN : value.applyAsDouble(status.target()));
        }

        void targetCounter(String name, ToDoubleFunction<TargetStatus> value) {
            counter(name, status -> status.target() == null ? 0 : value.applyAsDouble(status.target()));
        }

        /** Nothing while nothing is copied. */
        void copy(String name, ToDoubleFunction<CopyStatus> value) {
            target(name, target -> target.copy() == null ? Double.NaN : value.applyAsDouble(target.copy()));
        }

        void slot(String name, ToDoubleFunction<SlotStatus> value) {
            gauge(name, status -> status.slot() == null ? Double.NaN : value.applyAsDouble(status.slot()));
        }
    }
}
