package dev.replicator.pipeline;

import dev.replicator.model.SourceState;
import dev.replicator.resolve.Resolver;
import dev.replicator.resolve.StateToStore;
import java.util.List;

/**
 * Carries states to be stored to the sessions that store them, and what may be acknowledged to the readers. Used by the
 * resolve thread only.
 */
final class Storing {
    private final Wiring wiring;
    private final Resolver resolver;
    private final List<SourceSide> sources;
    private final List<TargetSide> targets;
    private long storeDue = System.nanoTime();

    Storing(Wiring wiring, Resolver resolver, List<SourceSide> sources, List<TargetSide> targets) {
        this.wiring = wiring;
        this.resolver = resolver;
        this.sources = sources;
        this.targets = targets;
    }

    void tick(long now, boolean paused) {
        if (storeDue - now <= 0 && !paused && wiring.sync().isMultiMaster()) {
            storeDue = now + wiring.settings().storeInterval().toNanos();
            if (sources.stream().noneMatch(source -> source.storing)) {
                resolver.statesToStore().forEach(this::store);
            }
        }
        sources.forEach(this::acknowledge);
    }

    /** A master's number as a source is its number as a node, and its place among the targets. */
    private void store(StateToStore due) {
        SourceSide source = sources.get(due.source());
        TargetSide target = targets.get(due.source());
        if (target.isConnected() && target.again.isEmpty()) {
            source.storing = true;
            target.apply.tell(new ApplyThread.Command.Store(target.session, due.state()));
        }
    }

    void stored(SourceSide source, SourceState state) {
        source.storing = false;
        resolver.stored(source.index, state);
        acknowledge(source);
    }

    private void acknowledge(SourceSide source) {
        long position = resolver.acknowledgeable(source.index);
        if (position > source.acknowledged) {
            source.acknowledged = position;
            source.capture.tell(new CaptureThread.Command.Acknowledge(position));
        }
    }
}
