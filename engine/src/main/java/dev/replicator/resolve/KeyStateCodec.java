package dev.replicator.resolve;

import dev.replicator.codec.BufferedInput;
import dev.replicator.codec.BufferedOutput;
import dev.replicator.codec.RowCodec;
import dev.replicator.model.Change;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.Positions;
import dev.replicator.model.Row;
import dev.replicator.policy.Resolution;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Open keys as bytes, and back. Everything a key is decided by comes back as it was; a TRUNCATE comes back as the one
 * object that stands under all keys of its table. One thread.
 */
final class KeyStateCodec {
    private static final int NO_VERSION = -1;
    /** Most keys take less. */
    private static final int RECORD_BYTES = 512;

    private final ResolverSettings settings;
    private final int masters;
    private final Done done;
    private final RowCodec rows;
    private final UnaryOperator<Version> truncates;

    /** {@code truncates}: the open TRUNCATE that equals the given one, or the given one. */
    KeyStateCodec(ResolverSettings settings, Done done, RowCodec rows, UnaryOperator<Version> truncates) {
        this.settings = settings;
        this.masters = settings.sourceCount();
        this.done = done;
        this.rows = rows;
        this.truncates = truncates;
    }

    byte[] toBytes(List<KeyState> states) {
        BufferedOutput out = BufferedOutput.toMemory(RECORD_BYTES);
        try {
            out.writeInt(states.size());
            for (KeyState state : states) {
                write(out, state);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toBytes();
    }

    List<KeyState> fromBytes(byte[] bytes) {
        BufferedInput in = BufferedInput.of(bytes);
        try {
            int size = in.readInt();
            List<KeyState> states = new ArrayList<>(size);
            for (int i = 0; i < size; i++) {
                states.add(read(in));
            }
            return states;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(DataOutput out, KeyState state) throws IOException {
        rows.writeKey(out, state.key);
        out.writeInt(state.versions.size());
        int keyRow = NO_VERSION;
        for (int i = 0; i < state.versions.size(); i++) {
            Version version = state.versions.get(i);
            writeVersion(out, version);
            if (state.isKeyRow(version.change.row())) {
                keyRow = i;
            }
        }
        writeKeyRow(out, state, keyRow);
        for (int master = 0; master < masters; master++) {
            out.writeInt(state.pending[master]);
            out.writeInt(state.pendingResets[master]);
            List<KeyState.Note> notes = state.notes(master);
            out.writeInt(notes.size());
            for (KeyState.Note note : notes) {
                out.writeLong(note.markLsn());
                out.writeLong(note.own());
                out.writeBoolean(note.wrote());
            }
        }
    }

    private KeyState read(DataInput in) throws IOException {
        Key key = rows.readKey(in);
        KeyState state = new KeyState(key, settings.resolution(key.table()), masters);
        int versions = in.readInt();
        for (int i = 0; i < versions; i++) {
            state.versions.add(readVersion(in));
        }
        readKeyRow(in, state);
        for (int master = 0; master < masters; master++) {
            state.pending[master] = in.readInt();
            state.pendingResets[master] = in.readInt();
            int notes = in.readInt();
            for (int i = 0; i < notes; i++) {
                state.addNote(master, new KeyState.Note(in.readLong(), in.readLong(), in.readBoolean()));
            }
        }
        return state;
    }

    private void writeKeyRow(DataOutput out, KeyState state, int version) throws IOException {
        Row row = version == NO_VERSION ? state.keyRowIfAny() : null;
        out.writeInt(version);
        out.writeBoolean(row != null);
        if (row != null) {
            rows.writeRow(out, row);
        }
    }

    private void readKeyRow(DataInput in, KeyState state) throws IOException {
        int version = in.readInt();
        @Nullable Row row = in.readBoolean() ? rows.readRow(in) : null;
        state.restoreKeyRow(
                version == NO_VERSION ? row : state.versions.get(version).change.row());
    }

    private void writeVersion(DataOutput out, Version version) throws IOException {
        out.writeByte(version.source());
        out.writeLong(version.lsn());
        out.writeLong(version.commitMicros);
        out.writeInt(version.seq);
        out.writeLong(version.h);
        for (int source = 0; source < masters; source++) {
            out.writeLong(version.held.get(source));
        }
        out.writeBoolean(version.frontier);
        out.writeBoolean(version.recorded);
        out.writeBoolean(version.mayLose);
        rows.writeChange(out, version.change);
    }

    private Version readVersion(DataInput in) throws IOException {
        int source = in.readByte();
        long lsn = in.readLong();
        Item item = new Item(source, lsn, lsn, in.readLong(), masters);
        int seq = in.readInt();
        long h = in.readLong();
        long[] held = new long[masters];
        for (int master = 0; master < masters; master++) {
            held[master] = in.readLong();
        }
        boolean frontier = in.readBoolean();
        boolean recorded = in.readBoolean();
        boolean mayLose = in.readBoolean();
        Change change = rows.readChange(in);
        Resolution resolution = settings.resolution(change.table());
        Version version = new Version(item, change, seq, h, Positions.of(held), done, resolution);
        version.frontier = frontier;
        version.recorded = recorded;
        version.mayLose = mayLose;
        return version.change.kind() == ChangeKind.TRUNCATE ? truncates.apply(version) : version;
    }
}
