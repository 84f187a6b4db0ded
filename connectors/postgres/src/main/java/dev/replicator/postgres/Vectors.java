package dev.replicator.postgres;

import dev.replicator.model.Lsn;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Positions and states as JSON: an object by the names of the sources, which may be renumbered from run to run. */
final class Vectors {
    private Vectors() {}

    static String json(List<String> sources, Positions positions) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < sources.size(); i++) {
            if (positions.get(i) != 0) {
                text.append(text.length() == 1 ? "" : ", ")
                        .append(quote(sources.get(i)))
                        .append(": \"");
                text.append(Lsn.format(positions.get(i))).append('"');
            }
        }
        return text.append('}').toString();
    }

    static String json(List<String> sources, SourceState state) {
        return "{\"position\": \"" + Lsn.format(state.position()) + "\", \"highest\": " + state.highest()
                + ", \"mark\": [" + state.lastMark().fence() + ", "
                + state.lastMark().batch() + "]"
                + ", \"held\": " + json(sources, state.held()) + ", \"done\": " + json(sources, state.done())
                + json(state.resume()) + "}";
    }

    private static String json(@Nullable Resume resume) {
        return resume == null
                ? ""
                : ", \"resume\": {\"place\": " + quote(resume.place()) + ", \"context\": " + quote(resume.context())
                        + "}";
    }

    /** States by source; those at position 0 say nothing and are left out. */
    static String json(List<String> sources, SourceState[] states) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < states.length; i++) {
            if (states[i].position() != 0) {
                text.append(text.length() == 1 ? "" : ", ")
                        .append(quote(sources.get(i)))
                        .append(": ");
                text.append(json(sources, states[i]));
            }
        }
        return text.append('}').toString();
    }

    /** Of two states of one source the later; what either calls done stays done. */
    static SourceState later(SourceState one, @Nullable SourceState other) {
        if (other == null) {
            return one;
        }
        SourceState later = other.position() > one.position() ? other : one;
        return later.withDone(one.done().join(other.done()));
    }

    static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20) {
                quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
