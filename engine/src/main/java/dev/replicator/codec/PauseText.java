package dev.replicator.codec;

import dev.replicator.spi.PauseMark;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A {@link PauseMark} as one text, for targets that keep it beside their progress. */
public final class PauseText {
    private PauseText() {}

    public static String of(PauseMark mark) {
        return mark.number() + " " + (mark.paused() ? "paused" : "running") + " " + mark.since() + " " + mark.by();
    }

    /** Of the text that is kept; null, or one that somebody has changed: none. */
    public static Optional<PauseMark> parse(@Nullable String text) {
        String[] words = text == null ? new String[0] : text.split(" ", 4);
        if (words.length < 4) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PauseMark(
                    Long.parseLong(words[0]), words[1].equals("paused"), Instant.parse(words[2]), words[3]));
        } catch (NumberFormatException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
