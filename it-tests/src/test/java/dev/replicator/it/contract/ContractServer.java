package dev.replicator.it.contract;

import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A server of one kind, and how a test reads what a target has written there. */
public interface ContractServer extends AutoCloseable {
    /** What {@link #expected} says of a value that the target refuses. */
    String REFUSED = "(refused)";

    /**
     * An empty database.
     *
     * @param url for the configuration, without user and password
     * @param driverUrl what stands for it when a session is opened, where that is another server's; else null
     */
    record Place(
            String url,
            @Nullable String user,
            @Nullable String password,
            @Nullable String driverUrl) {
        Place(String url, @Nullable String user, @Nullable String password) {
            this(url, user, password, null);
        }
    }

    /** A new one, with nothing in it. */
    Place fresh();

    /** What the configuration sets for a database here, unless a test says otherwise. */
    default List<String> options() {
        return List.of("create_tables: true");
    }

    /** Makes a table, where the target cannot; it may be there. */
    default void prepare(Place place, TableSchema table) {}

    /** Whether a kill may take batches away that were written last. */
    default boolean commitsAsynchronously() {
        return false;
    }

    /** Whether a batch that ends in the middle leaves nothing; else it may leave some of its rows, until it is written again. */
    default boolean batchesAreAtomic() {
        return true;
    }

    /** Whether rows are only taken whole: updates that do not carry every column, increments and moves are refused. */
    default boolean takesWholeRowsOnly() {
        return false;
    }

    /** All rows of a table, read by the database's own means, not by the connector; values by column, as text. */
    List<Map<String, @Nullable String>> rows(Place place, TableName table, List<String> columns);

    /**
     * What {@link #rows} gives for a value of PostgreSQL, by the target's type map; {@link #REFUSED} if the target has to
     * refuse it as its option {@code unrepresentable: stop} says.
     *
     * @param type PostgreSQL's name, as in the catalog, with its modifier: {@code numeric(10;2)}
     * @param text PostgreSQL's text form
     */
    default String expected(String type, String text) {
        return text;
    }

    /** Whether an empty text is NULL there. */
    default boolean emptyIsNull() {
        return false;
    }

    /** A type and a value that the target has to refuse; null: there is none, it takes everything. */
    Map.@Nullable Entry<String, String> poison();

    /** SIGKILL for the server; false: there is none, the database lives in the process that writes. */
    boolean kill();

    /** Starts the server again that was killed. */
    void restart();

    /** Runs a statement of the database's own language, as its administrator. Only where there are schemas. */
    default void execute(Place place, String statement) {
        throw new UnsupportedOperationException("it has no statements");
    }

    @Override
    void close();
}
