package dev.replicator.postgres;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Collects statements, sends them together, and hands each answer to whom it concerns. One thread. */
final class Conversation {
    /** More in one script would make its text unlikely to come again, and so to be prepared. */
    private static final int MAX_STATEMENTS = 12;

    private static final long MAX_BYTES = 4L << 20;

    private final Pipe pipe;
    private final Script script = new Script();
    private final List<@Nullable Consumer<Pipe.Reply>> listeners = new ArrayList<>();
    private boolean awaited;

    Conversation(Pipe pipe) {
        this.pipe = pipe;
    }

    /** A statement whose answer concerns nobody. Statements may be added to it; they are sent with the next flush. */
    Script script() {
        return script;
    }

    void add(String sql, List<Parameter> parameters, Consumer<Pipe.Reply> listener) {
        int number = script.add(sql, parameters);
        while (listeners.size() < number) {
            listeners.add(null);
        }
        listeners.add(listener);
    }

    /** A statement whose answer has to be known before the mark is written. */
    void addAwaited(String sql, List<Parameter> parameters, Consumer<Pipe.Reply> listener) {
        add(sql, parameters, listener);
        awaited = true;
    }

    /** Whether an answer that has to be known is still to come. */
    boolean isAwaiting() {
        return awaited;
    }

    void flushIfLarge() throws SQLException {
        if (script.statements() >= MAX_STATEMENTS || script.bytes() > MAX_BYTES) {
            flush();
        }
    }

    void flush() throws SQLException {
        if (script.isEmpty()) {
            return;
        }
        List<@Nullable Consumer<Pipe.Reply>> waiting = new ArrayList<>(listeners);
        clear();
        List<Pipe.Reply> replies = pipe.run(script);
        for (int i = 0; i < waiting.size(); i++) {
            Consumer<Pipe.Reply> listener = waiting.get(i);
            if (listener != null) {
                listener.accept(replies.get(i));
            }
        }
    }

    /** Forgets what has not been sent. */
    void discard() {
        script.clear();
        clear();
    }

    private void clear() {
        listeners.clear();
        awaited = false;
    }
}
