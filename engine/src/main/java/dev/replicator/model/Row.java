package dev.replicator.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A row, whole or in part, kept as the bytes in which it arrived.
 *
 * <p>Design: the column values stay in pgoutput's wire form (TupleData: one kind byte a column, then for text and binary
 * values a 4-byte length and the bytes), and {@code starts[c]} is the place of column c's kind byte. Nothing is decoded
 * that nobody reads; from capture to target a value is copied, never interpreted. Whoever reads a value asks for
 * {@link #kind}, {@link #start} and {@link #length}. A column of kind {@link #ABSENT} is not carried: an unchanged TOAST
 * value, or a column outside a partial row. It is neither NULL nor a conflict. {@link #ADDED} never comes from a server:
 * it makes a row a partial one that says by how much a counter changes.
 *
 * <p>Immutable by contract: nobody writes into {@link #bytes()}. Source: PostgreSQL documentation, "Logical Replication
 * Message Formats", TupleData.
 */
public final class Row {
    /** SQL NULL. */
    public static final byte NULL = 'n';
    /** Not carried by this row. */
    public static final byte ABSENT = 'u';
    /** The type's text form. */
    public static final byte TEXT = 't';
    /** The type's binary (send/receive) form. */
    public static final byte BINARY = 'b';
    /** A number in text form that is to be added to what stands there: what an update carries of a counter. */
    public static final byte ADDED = '+';

    private static final int HEADER_BYTES = 48;

    private final Relation relation;
    private final byte[] bytes;
    private final int[] starts;

    public Row(Relation relation, byte[] bytes, int[] starts) {
        this.relation = relation;
        this.bytes = bytes;
        this.starts = starts;
        if (starts.length != relation.size()) {
            throw new IllegalArgumentException(
                    "row of " + starts.length + " columns for " + relation.size() + " columns of " + relation);
        }
    }

    public Relation relation() {
        return relation;
    }

    public Table table() {
        return relation.table();
    }

    /** The array the values stand in; it may hold more than this row. Read only. */
    public byte[] bytes() {
        return bytes;
    }

    public byte kind(int column) {
        return bytes[starts[column]];
    }

    public boolean isNull(int column) {
        return kind(column) == NULL;
    }

    public boolean isAbsent(int column) {
        return kind(column) == ABSENT;
    }

    public boolean isAdded(int column) {
        return kind(column) == ADDED;
    }

    /** Where the value's first byte stands in {@link #bytes()}; not for NULL and ABSENT. */
    public int start(int column) {
        return starts[column] + 5;
    }

    /** Length of the value in bytes; not for NULL and ABSENT. */
    public int length(int column) {
        int at = starts[column] + 1;
        return (bytes[at] & 0xFF) << 24
                | (bytes[at + 1] & 0xFF) << 16
                | (bytes[at + 2] & 0xFF) << 8
                | (bytes[at + 3] & 0xFF);
    }

    /** The value of a TEXT column as a string. For messages, tests and the cold path. */
    public String text(int column) {
        return new String(bytes, start(column), length(column), StandardCharsets.UTF_8);
    }

    /** Whether every column's value is carried. */
    public boolean isWhole() {
        for (int start : starts) {
            if (bytes[start] == ABSENT || bytes[start] == ADDED) {
                return false;
            }
        }
        return true;
    }

    /** Bytes this row keeps alive, roughly: for limits, not for accounting. */
    public int sizeBytes() {
        return HEADER_BYTES + 4 * starts.length + bytes.length;
    }

    /**
     * Whether the two rows carry the same columns with the same bytes (and value format). Columns are matched by name:
     * databases may have them in another order, and types that are not built in have other numbers there.
     */
    public boolean sameValues(Row other) {
        if (!relation.table().equals(other.relation.table()) || relation.size() != other.relation.size()) {
            return false;
        }
        for (int c = 0; c < starts.length; c++) {
            int there = other.relation.indexOf(relation.columns().get(c).name());
            if (there < 0 || !sameValue(c, other, there)) {
                return false;
            }
        }
        return true;
    }

    /** Whether column {@code c} here and column {@code d} there have the same kind and the same bytes. */
    public boolean sameValue(int c, Row other, int d) {
        if (kind(c) != other.kind(d)) {
            return false;
        }
        if (isNull(c) || isAbsent(c)) {
            return true;
        }
        return java.util.Arrays.equals(
                bytes, start(c), start(c) + length(c), other.bytes, other.start(d), other.start(d) + other.length(d));
    }

    /**
     * This row with the columns that {@code over} carries laid over it, in this row's relation; what {@code over} adds is
     * added. Columns are matched by name; one that this relation lacks makes the result take {@code over}'s relation if
     * that one has them all.
     */
    public Row overlay(Row over) {
        Relation shape = over.relation.size() > relation.size() ? over.relation : relation;
        Builder result = new Builder(shape);
        for (int c = 0; c < shape.size(); c++) {
            String name = shape.columns().get(c).name();
            int there = shape == over.relation ? c : over.relation.indexOf(name);
            int here = shape == relation ? c : relation.indexOf(name);
            if (there >= 0 && over.isAdded(there) && here >= 0 && !isAbsent(here)) {
                result.sum(this, here, over, there);
            } else if (there >= 0 && !over.isAbsent(there)) {
                result.copy(over, there);
            } else if (here >= 0) {
                result.copy(this, here);
            } else {
                result.absent();
            }
        }
        return result.build();
    }

    /** Some columns of this row, as a row of {@code picked}, whose column i is column {@code columns[i]} here. Shares the bytes. */
    public Row pick(Relation picked, int[] columns) {
        int[] places = new int[columns.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = starts[columns[i]];
        }
        return new Row(picked, bytes, places);
    }

    @Override
    public String toString() {
        return "Row of " + relation.table().name() + " (" + starts.length + " columns)";
    }

    /** Puts a row together column by column, in the relation's order. Not for the hot path. */
    public static final class Builder {
        private final Relation relation;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);
        private final int[] starts;
        private int next;

        public Builder(Relation relation) {
            this.relation = relation;
            this.starts = new int[relation.size()];
        }

        public Builder copy(Row from, int column) {
            byte kind = from.kind(column);
            if (kind == NULL || kind == ABSENT) {
                return mark(kind);
            }
            return value(kind, from.bytes, from.start(column), from.length(column));
        }

        /** The sum of a value (or of what is to be added) and of what {@code added} adds; NULL stays NULL, as in SQL. */
        public Builder sum(Row from, int column, Row added, int addedColumn) {
            if (from.isNull(column)) {
                return nil();
            }
            String sum = Counter.value(from, column)
                    .add(Counter.value(added, addedColumn))
                    .toPlainString();
            byte[] digits = sum.getBytes(StandardCharsets.US_ASCII);
            return value(from.isAdded(column) ? ADDED : TEXT, digits, 0, digits.length);
        }

        /** What has to be added to {@code from}'s value to get {@code to}'s; absent when nothing. */
        public Builder difference(Row from, Row to, int column) {
            java.math.BigDecimal difference = Counter.value(to, column).subtract(Counter.value(from, column));
            if (difference.signum() == 0) {
                return absent();
            }
            byte[] digits = difference.toPlainString().getBytes(StandardCharsets.US_ASCII);
            return value(ADDED, digits, 0, digits.length);
        }

        public Builder text(String value) {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            return value(TEXT, utf8, 0, utf8.length);
        }

        public Builder binary(byte[] value) {
            return value(BINARY, value, 0, value.length);
        }

        public Builder nil() {
            return mark(NULL);
        }

        public Builder absent() {
            return mark(ABSENT);
        }

        private Builder mark(byte kind) {
            starts[next++] = out.size();
            out.write(kind);
            return this;
        }

        private Builder value(byte kind, byte[] from, int start, int length) {
            mark(kind);
            out.write(length >>> 24);
            out.write(length >>> 16);
            out.write(length >>> 8);
            out.write(length);
            out.write(from, start, length);
            return this;
        }

        public Row build() {
            if (next != starts.length) {
                throw new IllegalStateException(next + " of " + starts.length + " columns were given");
            }
            return new Row(relation, out.toByteArray(), starts);
        }
    }
}
