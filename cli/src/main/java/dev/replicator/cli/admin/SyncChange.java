package dev.replicator.cli.admin;

import java.util.ArrayList;
import java.util.List;

/**
 * What an edited configuration means for one sync of the running process.
 *
 * @param details what is otherwise, a line for each
 */
public record SyncChange(String sync, Kind kind, List<String> details) {
    public SyncChange {
        details = List.copyOf(details);
    }

    /** What becomes of the sync. */
    public enum Kind {
        /** It runs on, untouched. */
        SAME("unchanged"),
        /** It ends, and begins again as it is configured now. */
        CHANGED("changed"),
        /** It begins. */
        NEW("new"),
        /** It ends. */
        GONE("no longer in the file");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    /** For people: one line, and one more for each detail. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("sync \"" + sync + "\": " + kind.words);
        details.forEach(detail -> lines.add("  " + detail));
        return lines;
    }
}
