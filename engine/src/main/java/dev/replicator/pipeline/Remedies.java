package dev.replicator.pipeline;

import dev.replicator.policy.ExceptionPolicy;
import dev.replicator.policy.Exceptional;
import dev.replicator.policy.Remedy;
import dev.replicator.policy.RemedyPlan;
import dev.replicator.policy.StoredLatest;
import dev.replicator.resolve.Resolver;
import dev.replicator.spi.Correction;
import dev.replicator.spi.Refusal;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * What is under way about refused changes: each is put to its rule on a thread of its own, and what that wants is tried on
 * one master after the other, in the order of names, until one has the rows as they were looked at.
 *
 * <p>Nothing here has to outlive the process: a change that stays refused is told of again every few seconds, and what has
 * been followed is stored with the changes. Thread: that of the resolver, but for what runs in {@code decide-<sync>}.
 */
final class Remedies {
    private static final int REMEMBERED = 10_000;
    /** After that time a question may be put again: whom it was put to may have been lost. */
    private static final long AGAIN_NANOS = 60_000_000_000L;
    /** After that time a question is put again when a constraint was against the answer: what it looked at may arrive. */
    private static final long REFUSED_NANOS = 2_000_000_000L;

    private final Wiring wiring;
    private final Resolver resolver;
    private final IntFunction<TargetSide> targets;
    private final EventQueue<Question> questions = new EventQueue<>();
    private final StoredLatest stored = new StoredLatest();
    private final Map<String, Open> open = new HashMap<>();
    /** When a question that was answered may be put again. */
    private final Map<String, Long> answered = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > REMEMBERED;
        }
    };

    private final Thread thread;
    private volatile boolean ended;

    /** A refused change and who decides. */
    private record Question(String id, Exceptional refused, ExceptionPolicy policy) {}

    /** A question that was put, and what is tried where since it was answered. */
    private static final class Open {
        private final int node;
        private final Refusal refusal;
        private final long since;
        private int master = -1;

        Open(int node, Refusal refusal, long since) {
            this.node = node;
            this.refusal = refusal;
            this.since = since;
        }
    }

    Remedies(Wiring wiring, Resolver resolver, IntFunction<TargetSide> targets, Consumer<Event> events) {
        this.wiring = wiring;
        this.resolver = resolver;
        this.targets = targets;
        this.thread =
                new Thread(() -> decideAll(events), "decide-" + wiring.sync().name());
        this.thread.setDaemon(true);
    }

    /** A database told of a change that is to be decided. */
    void refused(int node, Refusal refusal, long now) {
        ExceptionPolicy policy =
                wiring.exceptions().of(refusal.refused().table().name(), refusal.sqlState(), refusal.constraint());
        if (policy == null) {
            keepLatest(node, refusal, now);
            return;
        }
        String id = RemedyPlan.id(refusal);
        if (answered.getOrDefault(id, 0L) == Long.MAX_VALUE) {
            followed(node, refusal);
            return;
        }
        if (isUnderWay(id, now)) {
            return;
        }
        open.put(id, new Open(node, refusal, now));
        if (thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        questions.add(new Question(id, resolver.exceptional(node, refusal), policy));
    }

    private void keepLatest(int node, Refusal refusal, long now) {
        if (!wiring.sync().isMultiMaster()
                || resolver.refused(node, refusal, (correction, master) -> {
                    if (master < 0) {
                        tryEverywhere(node, refusal, correction, now);
                    } else {
                        targets.apply(master).correct(correction);
                    }
                })) {
            return;
        }
        Exceptional refused = resolver.exceptional(node, refusal);
        Remedy.Changes decided = stored.judge(refused, now);
        if (decided != null) {
            tryEverywhere(node, refusal, new RemedyPlan(refused, wiring.name(0)).correction(decided), now);
        }
    }

    /** On one master after the other. */
    private void tryEverywhere(int node, Refusal refusal, Correction correction, long now) {
        if (!isUnderWay(correction.id(), now)) {
            Open asked = new Open(node, refusal, now);
            asked.master = 0;
            open.put(correction.id(), asked);
            tryAt(asked, correction);
        }
    }

    private boolean isUnderWay(String id, long now) {
        Open before = open.get(id);
        Long again = answered.get(id);
        return before != null && now - before.since < AGAIN_NANOS
                || again != null && (again == Long.MAX_VALUE || again - now > 0);
    }

    private void decideAll(Consumer<Event> events) {
        while (!ended) {
            for (Question question = questions.poll(); question != null && !ended; question = questions.poll()) {
                boolean followed = wiring.exceptions().isFollowed(question.id());
                Remedy remedy = followed ? null : question.policy().remedy(question.refused());
                events.accept(new Event.Remedied(question.id(), question.refused(), remedy));
            }
            questions.await(AGAIN_NANOS);
        }
    }

    /** The answer to a question. */
    void remedied(Event.Remedied answer, long now) {
        Open asked = open.get(answer.id());
        if (asked == null) {
            return;
        }
        if (answer.remedy() instanceof Remedy.Changes changes) {
            asked.master = 0;
            tryAt(asked, new RemedyPlan(answer.refused(), wiring.name(0)).correction(changes));
            return;
        }
        if (answer.remedy() == null) {
            close(answer.id(), Long.MAX_VALUE);
            followed(asked.node, asked.refusal);
            return;
        }
        open.remove(answer.id());
        if (answer.remedy() instanceof Remedy.KeepLatest) {
            keepLatest(asked.node, asked.refusal, now);
        }
        if (!open.containsKey(answer.id())) {
            close(answer.id(), now + AGAIN_NANOS);
        }
    }

    private void tryAt(Open asked, Correction correction) {
        targets.apply(asked.master).correct(correction);
    }

    /** What became of a correction at a master. Those that answer no question are none of ours. */
    void corrected(int master, Correction correction, Correction.Result result, long now) {
        Open asked = open.get(correction.id());
        if (asked == null || asked.master != master) {
            return;
        }
        switch (result) {
            case MADE, MADE_BEFORE -> {
                close(correction.id(), Long.MAX_VALUE);
                followed(asked.node, asked.refusal);
            }
            // Of a parent that is there: it came back, or is deleted there in a moment.
            case REFUSED, STILL_THERE -> close(correction.id(), now + REFUSED_NANOS);
            case ROW_DIFFERS -> {
                asked.master++;
                if (asked.master < wiring.sync().sourceCount()) {
                    tryAt(asked, correction);
                } else {
                    close(correction.id(), now);
                }
            }
        }
    }

    /** A database that only noted a row need not tell of it any more. */
    private void followed(int node, Refusal refusal) {
        if (refusal.isOrphan()) {
            targets.apply(node).decided(refusal);
        }
    }

    private void close(String id, long again) {
        open.remove(id);
        answered.remove(id);
        answered.put(id, again);
    }

    /** No more questions are put. */
    void end() {
        ended = true;
        questions.wake();
    }
}
