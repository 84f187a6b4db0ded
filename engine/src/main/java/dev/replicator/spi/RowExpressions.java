package dev.replicator.spi;

import dev.replicator.model.Row;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The language of {@code where} and of computed columns: expressions over the columns of one row, checked against the table
 * before they run. Found by {@link java.util.ServiceLoader}. Nulls are as in SQL: an operator that meets one gives null.
 * What does not fit the table throws CONFIGURATION, naming what would. Any thread.
 */
public interface RowExpressions {
    /** One that is true or not. */
    Condition condition(String text, TableSchema table);

    /** One that gives the value of a column; {@code column}: which one, if the table has it, else its type is the expression's. */
    Value value(String name, String text, TableSchema table, @Nullable SourceColumn column);

    /** An expression that has been checked. */
    interface Expression {
        /** The columns that it reads, at most. */
        Set<String> columns();
    }

    /** Asked for each row; what goes wrong is of kind POISON. */
    interface Condition extends Expression {
        /** Null counts as false. */
        boolean holds(Row row);
    }

    /** Asked for each row; what goes wrong is of kind POISON. */
    interface Value extends Expression {
        /** The column that its values make. */
        SourceColumn column();

        /** PostgreSQL's text form, or null. */
        @Nullable
        String text(Row row);
    }
}
