package dev.replicator.sample.connector;

import dev.replicator.codec.PauseText;
import dev.replicator.codec.RowReader;
import dev.replicator.codec.StoredProgress;
import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.error.ReplicatorException.Kind;
import dev.replicator.model.Batch;
import dev.replicator.model.Chunk;
import dev.replicator.model.JoinedTable;
import dev.replicator.model.Operation;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.spi.FillableTarget;
import dev.replicator.spi.PauseMark;
import dev.replicator.spi.PauseTarget;
import dev.replicator.spi.TargetRequest;
import dev.replicator.spi.TargetState;
import dev.replicator.spi.WriteResult;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A target that keeps all rows in one properties file, which is written anew for each batch: the file is the atomic unit.
 * Every value is kept as PostgreSQL's text.
 *
 * <p>The lines are {@code row|table|key = } for each row, {@code row|table|key|column = value} for each value that is not
 * NULL, and {@code sync|name|fence}, {@code ...|progress} and {@code
 * ...|pause} for the sync.
 */
final class SampleTarget implements PauseTarget, FillableTarget {
    private final TargetRequest request;
    private final SampleFile file;
    private final String fenceKey;
    private final String progressKey;
    private final String pauseKey;
    private long fence;

    SampleTarget(TargetRequest request) {
        this.request = request;
        this.file = new SampleFile(Path.of(request.database().url().substring("sample:".length())));
        this.fenceKey = SampleFile.key("sync", request.sync().name(), "fence");
        this.pauseKey = SampleFile.key("sync", request.sync().name(), "pause");
        this.progressKey = SampleFile.key("sync", request.sync().name(), "progress");
        file.check();
    }

    @Override
    public TargetState start(long own) {
        return file.change(lines -> {
            long stands = Long.parseLong(lines.getOrDefault(fenceKey, "0"));
            if (own != 0 && own != stands) {
                throw fenced(own, stands);
            }
            fence = stands + 1;
            lines.put(fenceKey, String.valueOf(fence));
            return progress(lines.get(progressKey)).state(fence);
        });
    }

    @Override
    public WriteResult write(Batch batch) {
        return file.change(lines -> {
            long stands = Long.parseLong(lines.getOrDefault(fenceKey, "0"));
            if (stands != fence) {
                throw fenced(fence, stands);
            }
            long rows = 0;
            for (Chunk chunk : batch.chunks()) {
                for (Table table : chunk.truncated()) {
                    lines.keySet().removeIf(key -> key.startsWith(rowsOf(table)));
                }
                for (Operation operation : chunk.merged()) {
                    apply(lines, operation);
                    rows++;
                }
            }
            StoredProgress after = progress(lines.get(progressKey)).after(batch, fence);
            lines.put(progressKey, after.text(request.sourceNames()));
            return new WriteResult(Set.of(), rows);
        });
    }

    private static void apply(Map<String, String> lines, Operation operation) {
        Row row = operation.requireRow();
        String key = rowKey(row);
        switch (operation.kind()) {
            case UPSERT -> {
                remove(lines, key);
                lines.put(key, "");
                set(lines, key, row);
            }
            case UPDATE -> {
                if (lines.containsKey(key)) {
                    set(lines, key, row);
                }
            }
            case DELETE -> remove(lines, key);
            case MOVE -> move(lines, rowKey(operation.requireFrom()), key, row);
            case TRUNCATE -> throw new IllegalArgumentException("a TRUNCATE is no row");
        }
    }

    private static void move(Map<String, String> lines, String from, String to, Row row) {
        if (lines.containsKey(from)) {
            remove(lines, to);
            for (String line : List.copyOf(lines.keySet())) {
                if (line.equals(from) || line.startsWith(from + "|")) {
                    lines.put(to + line.substring(from.length()), lines.get(line));
                }
            }
            remove(lines, from);
            set(lines, to, row);
        }
    }

    private static void remove(Map<String, String> lines, String rowKey) {
        lines.keySet().removeIf(key -> key.equals(rowKey) || key.startsWith(rowKey + "|"));
    }

    /** What the row carries; a counter is added to what stands there. */
    private static void set(Map<String, String> lines, String rowKey, Row row) {
        RowReader reader = RowReader.of(row.relation(), null);
        for (int c = 0; c < row.relation().size(); c++) {
            String key = rowKey + "|" + SampleFile.key(reader.type(c).name());
            if (row.isNull(c)) {
                lines.remove(key);
            } else if (row.isAdded(c)) {
                BigDecimal increment = new BigDecimal(row.text(c));
                lines.computeIfPresent(
                        key,
                        (same, stands) -> new BigDecimal(stands).add(increment).toPlainString());
            } else if (!row.isAbsent(c)) {
                lines.put(key, reader.text(row, c));
            }
        }
    }

    private static String rowKey(Row row) {
        RowReader reader = RowReader.of(row.relation(), null);
        String[] key = new String[row.relation().keySize()];
        for (int i = 0; i < key.length; i++) {
            key[i] = reader.text(row, row.relation().keyColumn(i));
        }
        return SampleFile.key("row", row.table().name().toString(), SampleFile.key(key));
    }

    private StoredProgress progress(@Nullable String text) {
        return StoredProgress.parse(text, request.sourceNames());
    }

    private ReplicatorException fenced(long own, long stands) {
        return new ReplicatorException(
                Kind.FENCED,
                ErrorCode.SLOT_BUSY,
                "cannot write to database \"" + request.database().name()
                        + "\" any more: another process has taken over",
                "This process took fence number " + own + "; it is " + stands + " by now.",
                null,
                null);
    }

    @Override
    public @Nullable Positions held() {
        String text = file.read().get(progressKey);
        return text == null ? null : progress(text).held();
    }

    @Override
    public List<JoinedTable> joined() {
        return progress(file.read().get(progressKey)).joined();
    }

    @Override
    public boolean isEmpty(Table table) {
        return file.read().keySet().stream().noneMatch(key -> key.startsWith(rowsOf(table)));
    }

    private static String rowsOf(Table table) {
        return SampleFile.key("row", table.name().toString()) + "|";
    }

    @Override
    public List<String> forget() {
        return file.change(lines -> lines.keySet().removeAll(Set.of(fenceKey, progressKey, pauseKey)))
                ? List.of("the progress of sync \"" + request.sync().name() + "\"")
                : List.of();
    }

    @Override
    public Optional<PauseMark> pause() {
        return PauseText.parse(file.read().get(pauseKey));
    }

    @Override
    public void pause(PauseMark mark) {
        file.change(lines -> {
            PauseMark later = PauseMark.later(PauseText.parse(lines.get(pauseKey)), Optional.of(mark))
                    .orElse(mark);
            return lines.put(pauseKey, PauseText.of(later));
        });
    }

    @Override
    public void close() {
        // Nothing is held open between two calls.
    }
}
