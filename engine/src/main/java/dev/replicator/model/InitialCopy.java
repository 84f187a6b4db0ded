package dev.replicator.model;

import org.jspecify.annotations.Nullable;

/**
 * Whether the rows that stand in a table already are copied to a database when the table joins the sync there.
 *
 * @param when under which condition
 * @param from short name of the source whose rows count; null: the first source that has the table in the sync already, or
 *     else the first that has rows
 */
public record InitialCopy(When when, @Nullable String from) {
    public static final InitialCopy NEVER = new InitialCopy(When.NEVER, null);
    public static final InitialCopy IF_EMPTY = new InitialCopy(When.IF_EMPTY, null);

    /** Under which condition. */
    public enum When {
        /** The databases are taken to hold equal rows. */
        NEVER,
        /** Where the table is empty. */
        IF_EMPTY,
        /** Whatever stands there; it is emptied first. */
        ALWAYS
    }
}
