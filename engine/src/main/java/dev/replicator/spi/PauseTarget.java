package dev.replicator.spi;

import java.util.Optional;

/** A target that keeps the pause of a sync, so that it outlives the process. Used without {@link Target#start}. */
public interface PauseTarget extends Target {
    /** The mark that is kept, if there is one. */
    Optional<PauseMark> pause();

    /** Keeps a mark, unless the one that is kept is {@link PauseMark#later later}. */
    void pause(PauseMark mark);
}
