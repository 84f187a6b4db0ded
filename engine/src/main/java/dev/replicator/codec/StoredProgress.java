package dev.replicator.codec;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Batch;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Lsn;
import dev.replicator.model.MarkNumber;
import dev.replicator.model.Positions;
import dev.replicator.model.Resume;
import dev.replicator.model.SourceState;
import dev.replicator.model.TableName;
import dev.replicator.spi.TargetState;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a target that is no source keeps beside its data for one sync: the progress, and who wrote it last. It goes into
 * one text, which a target stores in the atomic unit that writes a batch; the fence number is stored beside it.
 *
 * <p>Immutable; any thread. The text is ASCII, has a line for each source, and names its format in the first; newer
 * formats are refused by name. Positions of databases that are no sources any more are dropped.
 *
 * @param lastFence fence number of the session that wrote it last; 0 if none did
 * @param lastBatch number of the batch that wrote it last, within that session; 0 if none did
 * @param held V: the source positions the target holds
 * @param states copies of the sources' stored states, in source order
 * @param joined how the tables came there, in the order of their names
 */
public record StoredProgress(
        long lastFence, long lastBatch, Positions held, List<SourceState> states, List<JoinedTable> joined) {
    private static final String FORMAT = "replicator progress 1";

    public StoredProgress {
        states = List.copyOf(states);
        joined = List.copyOf(joined);
    }

    /** Of a target that nobody has written yet. */
    public static StoredProgress none(int sources) {
        SourceState[] states = new SourceState[sources];
        Arrays.fill(states, SourceState.none(sources));
        return new StoredProgress(0, 0, Positions.zero(sources), List.of(states), List.of());
    }

    /** What it is once {@code batch} is committed by the session with fence number {@code fence}. */
    public StoredProgress after(Batch batch, long fence) {
        List<SourceState> news = new ArrayList<>(states);
        for (int i = 0; i < Math.min(news.size(), batch.states().size()); i++) {
            SourceState state = batch.states().get(i);
            if (state != null) {
                news.set(i, later(news.get(i), state));
            }
        }
        Positions whole = held.join(batch.held());
        return new StoredProgress(fence, batch.number(), whole, news, joinedAfter(batch, whole));
    }

    private List<JoinedTable> joinedAfter(Batch batch, Positions whole) {
        if (joined.isEmpty() && batch.joined().isEmpty()) {
            return joined;
        }
        Map<TableName, JoinedTable> tables = new TreeMap<>(Comparator.comparing(TableName::toString));
        joined.forEach(table -> tables.put(table.table(), table.within(whole)));
        batch.joined().forEach(table -> tables.put(table.table(), table.within(whole)));
        return List.copyOf(tables.values());
    }

    /** Of two states of one source the later; what either calls done stays done. */
    private static SourceState later(SourceState one, SourceState other) {
        SourceState later = other.position() > one.position() ? other : one;
        return later.withDone(one.done().join(other.done()));
    }

    /** What {@link dev.replicator.spi.Target#start} returns. */
    public TargetState state(long fence) {
        Map<TableName, Positions> copied = new HashMap<>();
        for (JoinedTable table : joined) {
            if (table.held() != null) {
                copied.put(table.table(), table.held());
            }
        }
        return TargetState.ofReceiver(fence, lastFence, lastBatch, held, states).withCopied(copied);
    }

    /** The text. */
    public String text(List<String> sources) {
        StringJoiner lines = new StringJoiner("\n");
        lines.add(FORMAT).add("written " + lastFence + " " + lastBatch);
        for (int i = 0; i < sources.size(); i++) {
            SourceState state = states.get(i);
            lines.add("source " + sources.get(i) + " held " + Lsn.format(held.get(i)) + " position "
                    + Lsn.format(state.position()) + " highest " + state.highest() + " mark "
                    + state.lastMark().fence() + " " + state.lastMark().batch() + " saw" + vector(sources, state.held())
                    + " done" + vector(sources, state.done()) + resume(state.resume()));
        }
        for (JoinedTable table : joined) {
            lines.add("table " + word(table.table().schema()) + " "
                    + word(table.table().name()) + " "
                    + table.state().name().toLowerCase(Locale.ROOT)
                    + (table.source() == null ? "" : " " + table.source())
                    + (table.held() == null ? "" : vector(sources, table.held())));
        }
        return lines.toString();
    }

    /** Any text, as one word of ASCII. */
    private static String resume(@Nullable Resume resume) {
        return resume == null ? "" : " resume " + word(resume.place()) + " " + word(resume.context());
    }

    private static String word(String text) {
        return "-" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String word) {
        return new String(Base64.getDecoder().decode(word.substring(1)), StandardCharsets.UTF_8);
    }

    private static String vector(List<String> sources, Positions positions) {
        StringJoiner text = new StringJoiner(",", " ", "");
        for (int i = 0; i < sources.size(); i++) {
            text.add(sources.get(i) + "=" + Lsn.format(positions.get(i)));
        }
        return text.toString();
    }

    /** Of the text that a target holds; null: it holds none. */
    public static StoredProgress parse(@Nullable String text, List<String> sources) {
        StoredProgress progress = none(sources.size());
        if (text == null || text.isEmpty()) {
            return progress;
        }
        List<String> lines = text.lines().toList();
        if (!lines.get(0).equals(FORMAT)) {
            throw ReplicatorException.fatal(
                    ErrorCode.FORMAT_TOO_NEW,
                    "cannot read the progress that is stored there",
                    "Its format is \"" + lines.get(0) + "\"; this version knows \"" + FORMAT + "\".",
                    "Use a newer version of replicator.");
        }
        try {
            String[] written = lines.get(1).split(" ", -1);
            Positions held = progress.held();
            List<JoinedTable> joined = new ArrayList<>();
            List<SourceState> states = new ArrayList<>(progress.states());
            for (String line : lines.subList(2, lines.size())) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("table")) {
                    joined.add(table(words, sources));
                    continue;
                }
                int source = sources.indexOf(words[1]);
                if (source >= 0) {
                    held = held.raise(source, Lsn.parse(words[3]).value());
                    states.set(source, state(words, sources));
                }
            }
            return new StoredProgress(Long.parseLong(written[1]), Long.parseLong(written[2]), held, states, joined);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw ReplicatorException.fatal(
                    ErrorCode.NODE_LOST_DATA,
                    "cannot read the progress that is stored there",
                    "Somebody has changed it: " + e.getMessage(),
                    "Restore what was stored there, or remove the sync and begin anew.");
        }
    }

    private static JoinedTable table(String[] words, List<String> sources) {
        return new JoinedTable(
                new TableName(text(words[1]), text(words[2])),
                JoinedTable.State.valueOf(words[3].toUpperCase(Locale.ROOT)),
                words.length > 4 ? words[4] : null,
                words.length > 5 ? vector(words[5], sources) : null);
    }

    private static SourceState state(String[] words, List<String> sources) {
        return new SourceState(
                Lsn.parse(words[5]).value(),
                Long.parseLong(words[7]),
                vector(words[12], sources),
                new MarkNumber(Long.parseLong(words[9]), Long.parseLong(words[10])),
                vector(words[14], sources),
                words.length < 18 ? null : new Resume(text(words[16]), text(words[17])));
    }

    private static Positions vector(String text, List<String> sources) {
        Positions positions = Positions.zero(sources.size());
        for (String entry : text.split(",", -1)) {
            int equals = entry.indexOf('=');
            int source = sources.indexOf(entry.substring(0, equals));
            if (source >= 0) {
                positions = positions.raise(
                        source, Lsn.parse(entry.substring(equals + 1)).value());
            }
        }
        return positions;
    }
}
