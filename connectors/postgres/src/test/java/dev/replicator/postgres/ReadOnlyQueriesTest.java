package dev.replicator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.model.SyncSpec;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What handlers may ask of the databases. */
final class ReadOnlyQueriesTest {
    private static final TestDatabase DATABASE = TestDatabase.create(
            18,
            "CREATE TABLE t (id int PRIMARY KEY, n numeric, at timestamptz, b bool, v text);"
                    + " INSERT INTO t VALUES (1, 1.50, '2026-01-02 03:04:05+00', true, NULL), (2, 0, NULL, false, 'x')");

    private static ReadOnlyQueries queries() {
        return new ReadOnlyQueries(DATABASE.masters(SyncSpec.ForeignOrigins.FORWARD));
    }

    @Test
    void rowsAreMapsOfPlainValuesAndParametersAreTakenAsWhatTheyAreComparedWith() {
        assertThat(queries().query("shake1", "SELECT * FROM public.t WHERE id = ? AND n = ?", 1.0, "1.5"))
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("id", 1L)
                        .containsEntry("n", new BigDecimal("1.50"))
                        .containsEntry("at", Instant.parse("2026-01-02T03:04:05Z"))
                        .containsEntry("b", true)
                        .containsEntry("v", null));
        assertThat(queries()
                        .query("shake1", "SELECT id FROM public.t WHERE at = ?", Instant.parse("2026-01-02T03:04:05Z")))
                .extracting(row -> row.get("id"))
                .isEqualTo(List.of(1L));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "shake1 | DELETE FROM public.t RETURNING id | SQLSTATE 25006",
                "shake1 | COMMIT; DELETE FROM public.t | only one statement",
                "shake1 | SELECT pg_sleep(60) | SQLSTATE 57014",
                "shake1 | SELECT generate_series(1, 1001) | more than 1000 rows",
                "shake9 | SELECT 1 | no PostgreSQL database of that name",
            })
    void whatIsNoQuestionIsRefused(String database, String sql, String why) {
        ReadOnlyQueries queries = new ReadOnlyQueries(
                DATABASE.masters(SyncSpec.ForeignOrigins.FORWARD), sql.contains("sleep") ? "100ms" : "5s");
        assertThatThrownBy(() -> queries.query(database, sql)).hasMessageContaining(why);
        assertThat(DATABASE.value("SELECT count(*) FROM t")).isEqualTo("2");
    }

    @Test
    void theTransactionCannotBeMadeToWrite() {
        assertThatThrownBy(() -> queries().query("shake1", "SET TRANSACTION READ WRITE"))
                .hasMessageContaining("SQLSTATE");
        assertThatThrownBy(() -> queries()
                        .query("shake1", "SELECT set_config('transaction_read_only', 'off', true), lo_creat(-1)"))
                .hasMessageContaining("SQLSTATE");
    }
}
