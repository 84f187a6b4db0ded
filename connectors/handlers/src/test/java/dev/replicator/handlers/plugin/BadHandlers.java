package dev.replicator.handlers.plugin;

import dev.replicator.handlers.HandlerFailure;
import dev.replicator.model.TableName;
import dev.replicator.spi.Answer;
import dev.replicator.spi.ConflictHandler;
import dev.replicator.spi.ConflictingChange;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Handlers that misbehave, each in its way. */
public final class BadHandlers {
    private BadHandlers() {}

    /** Throws. */
    public static final class Throws implements ConflictHandler {
        @Override
        public Answer decide(TableName table, List<ConflictingChange> changes) {
            throw new IllegalStateException("secret " + changes);
        }
    }

    /** Never returns. */
    public static final class Hangs implements ConflictHandler {
        @Override
        public Answer decide(TableName table, List<ConflictingChange> changes) {
            while (true) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    return new Answer.Remove();
                }
            }
        }
    }

    /** Uses what a plugin does not see. */
    public static final class Nosy implements ConflictHandler {
        @Override
        public Answer decide(TableName table, List<ConflictingChange> changes) {
            return new Answer.Stop(HandlerFailure.class.getName());
        }
    }

    /** Names a change that is not there. */
    public static final class Miscounts implements ConflictHandler {
        @Override
        public Answer decide(TableName table, List<ConflictingChange> changes) {
            return new Answer.Take(changes.size());
        }
    }
}
