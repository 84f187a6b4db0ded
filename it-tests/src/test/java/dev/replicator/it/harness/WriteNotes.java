package dev.replicator.it.harness;

import java.util.List;

/**
 * Notes every write to the table {@code hot} in its database, also those of a replication, in the order in which they were
 * made. The notes themselves lie in a table {@code written}, which a sync must leave out. Thread: that of the test.
 */
public final class WriteNotes {
    private static final String[] DDL = {
        "CREATE TABLE written (number int GENERATED ALWAYS AS IDENTITY, what text)",
        """
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
        BEGIN
          INSERT INTO written (what) VALUES (TG_OP || ' ' || COALESCE(NEW.b, OLD.b));
          RETURN NULL;
        END $$""",
        "CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON hot FOR EACH ROW EXECUTE FUNCTION note()",
        "ALTER TABLE hot ENABLE ALWAYS TRIGGER note",
    };

    private final Fixture fixture;

    /** Notes from now on what is written in these databases. */
    public WriteNotes(Fixture fixture, List<String> databases) {
        this.fixture = fixture;
        databases.forEach(database -> fixture.run(database, DDL));
    }

    /** The operation and the column {@code b} of each write, as in {@code UPDATE second}. */
    public List<String> of(String database) {
        return fixture.query(database, "SELECT what FROM written ORDER BY number");
    }
}
