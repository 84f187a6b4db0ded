package dev.replicator.handlers.script;

import dev.replicator.codec.TypedValue;
import dev.replicator.spi.ConflictingChange;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.mozilla.javascript.Context;
import org.mozilla.javascript.Scriptable;
import org.mozilla.javascript.ScriptableObject;

/** A change as scripts see it: {@code database}, {@code commit_time}, {@code operation}, {@code row}, {@code old}. */
final class ChangeObject extends ScriptableObject {
    private static final long serialVersionUID = 1;

    /** Its place in the list. */
    final int index;

    ChangeObject(int index, ConflictingChange change, Context context, Scriptable scope) {
        super(scope, getObjectPrototype(scope));
        this.index = index;
        put("database", this, change.database());
        put("commit_time", this, TypedValue.toText(change.commitTime()));
        put("operation", this, change.operation().name().toLowerCase(Locale.ROOT));
        put("row", this, row(index, change.row(), context, scope));
        put("old", this, row(-1, change.old(), context, scope));
        sealObject();
    }

    private static @Nullable Object row(
            int index, @Nullable Map<String, @Nullable Object> row, Context context, Scriptable scope) {
        return row == null ? null : new RowObject(index, row, context, scope);
    }

    @Override
    public String getClassName() {
        return "Change";
    }

    /** A row: a property for each column, read when it is asked for. */
    static final class RowObject extends ScriptableObject {
        private static final long serialVersionUID = 1;

        /** Of the change whose row it is; -1 for an old row. */
        final int index;

        private final transient Map<String, @Nullable Object> row;
        private final transient Context context;

        RowObject(int index, Map<String, @Nullable Object> row, Context context, Scriptable scope) {
            super(scope, getObjectPrototype(scope));
            this.index = index;
            this.row = row;
            this.context = context;
            sealObject();
        }

        Map<String, @Nullable Object> values() {
            return row;
        }

        @Override
        public @Nullable Object get(String name, Scriptable start) {
            return row.containsKey(name)
                    ? ScriptValues.toScript(row.get(name), context, getParentScope())
                    : super.get(name, start);
        }

        @Override
        public boolean has(String name, Scriptable start) {
            return row.containsKey(name) || super.has(name, start);
        }

        @Override
        public Object[] getIds() {
            return row.keySet().toArray();
        }

        @Override
        public String getClassName() {
            return "Row";
        }
    }
}
