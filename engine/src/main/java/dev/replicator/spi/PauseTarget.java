package dev.replicator.spi;

/** A target that keeps the pause of a sync, so that it outlives the process. Used without {@link Target#start}. */
public interface PauseTarget extends Target {
    boolean isPaused();

    /**
     * Sets the mark, or clears it; says whether there was one.
     *
     * @param by who asked for it
     */
    boolean pause(boolean paused, String by);
}
