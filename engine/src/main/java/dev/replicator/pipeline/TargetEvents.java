package dev.replicator.pipeline;

import dev.replicator.error.ReplicatorException;
import dev.replicator.resolve.Resolver;
import dev.replicator.spi.Refusal;
import java.util.List;

/**
 * What the apply threads of a term tell, passed on to whom it concerns. What comes from a session that is gone is dropped.
 * Used by the resolve thread.
 */
final class TargetEvents {
    private final Term term;
    private final List<SourceSide> sources;
    private final Resolver resolver;
    private final Waits waits;
    private final Ruling ruling;
    private final Storing storing;
    private final Remedies remedies;
    private final Returns returns;

    TargetEvents(
            Term term,
            List<SourceSide> sources,
            Resolver resolver,
            Waits waits,
            Ruling ruling,
            Storing storing,
            Remedies remedies,
            Returns returns) {
        this.term = term;
        this.sources = sources;
        this.resolver = resolver;
        this.waits = waits;
        this.ruling = ruling;
        this.storing = storing;
        this.remedies = remedies;
        this.returns = returns;
    }

    void handle(Event event) {
        if (event instanceof Event.TargetConnected connected) {
            connected(connected);
        } else if (event instanceof Event.TargetLost lost) {
            lost(lost);
        } else if (event instanceof Event.Written written) {
            written(written);
        } else if (event instanceof Event.RolledBack back) {
            if (isCurrent(back.node(), back.session())) {
                term.target(back.node()).rolledBack(back.batch(), back.failure(), System.nanoTime(), resolver);
            }
        } else if (event instanceof Event.WrittenAgain again) {
            writtenAgain(again);
        } else if (event instanceof Event.Durable durable) {
            if (isCurrent(durable.node(), durable.session())) {
                resolver.durable(durable.node(), durable.batch());
            }
        } else if (event instanceof Event.PoliciesStored stored) {
            if (isCurrent(stored.node(), stored.session())) {
                ruling.stored(stored.node(), stored.policies());
            }
        } else if (event instanceof Event.Stored stored) {
            storing.stored(sources.get(stored.node()), stored.state());
        } else if (event instanceof Event.Remedied remedied) {
            remedies.remedied(remedied, System.nanoTime());
        } else if (event instanceof Event.Corrected corrected) {
            remedies.corrected(corrected.node(), corrected.correction(), corrected.result(), System.nanoTime());
        }
    }

    private boolean isCurrent(int node, long session) {
        return term.target(node).session == session;
    }

    private void connected(Event.TargetConnected connected) {
        TargetSide target = term.target(connected.node());
        if (target.isGivenUp()) {
            if (target.returns(connected.session(), returns)) {
                term.over("\"" + target.name + "\" is back after it was given up; the logs are read again for it");
            }
            return;
        }
        boolean copiedAnew = target.everConnected && !connected.state().copied().isEmpty();
        if (copiedAnew && sources.size() > 1) {
            term.over("tables of \"" + target.name + "\" were copied; the logs are read again for it");
            return;
        }
        target.connected(connected.session(), connected.state(), resolver);
        ruling.connected(connected.node(), connected.state().policies());
        if (connected.node() < sources.size()) {
            sources.get(connected.node()).markSecret = connected.state().markSecret();
        }
    }

    private void lost(Event.TargetLost lost) {
        term.target(lost.node()).lost(lost.failure(), resolver);
        ruling.lost(lost.node());
        if (lost.node() < sources.size()) {
            sources.get(lost.node()).storing = false;
        }
        if (lost.failure().kind() == ReplicatorException.Kind.FENCED) {
            term.over("another process took over: " + lost.failure().primary());
        }
    }

    private void written(Event.Written written) {
        TargetSide target = term.target(written.node());
        if (target.session == written.session()) {
            target.written(written.batch(), written.result(), resolver);
            waits.written(target.node, written.batch().held());
            for (Refusal refusal : written.result().refusals()) {
                remedies.refused(target.node, refusal, System.nanoTime());
            }
        }
    }

    private void writtenAgain(Event.WrittenAgain again) {
        TargetSide target = term.target(again.node());
        if (target.session == again.session()) {
            target.again.answered(again.done(), System.nanoTime());
            if (again.done() && !waits.isEmpty()) {
                waits.writtenAgain(again.node());
                term.askEnds();
            }
        }
    }
}
