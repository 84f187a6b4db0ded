package dev.replicator.spi;

/**
 * Says of a {@link TargetFactory} that its databases take rows only whole: an UPDATE that carries some of the columns, or adds
 * to counters, and a MOVE are refused there. The engine then makes rows whole where the log has what they lack, and
 * {@code check} names the tables where it does not.
 */
public interface WholeRows {}
