package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicationsTest {
    private static final Table PLAIN = table(0, "public", "plain");
    private static final Table ODD = table(1, "Odd \"S", "T.x");
    private static final Table PARTED = table(2, "public", "parted");

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aPublicationFollowsTheListOfTables(int version) throws SQLException {
        DatabaseSpec spec = database(version);
        try (Connection connection = TestServers.open(spec)) {
            Publications publications = new Publications(connection, "shake");
            assertThat(publications.ensure("p", List.of(PLAIN, ODD))).isTrue();
            assertThat(publications.ensure("p", List.of(PLAIN, ODD))).isFalse();
            assertThat(publications.find("p").orElseThrow().tables()).containsExactly(ODD.name(), PLAIN.name());

            assertThat(publications.ensure("p", List.of(PLAIN, PARTED))).isTrue();
            Publications.Publication now = publications.find("p").orElseThrow();
            assertThat(now.tables()).containsExactly(PARTED.name(), PLAIN.name());
            assertThat(now.complete()).isTrue();
            publications.verify("p", List.of(PLAIN, PARTED));

            assertThat(publications.drop("p")).isTrue();
            assertThat(publications.drop("p")).isFalse();
        }
    }

    @Test
    void whatOthersAlteredIsNoticedAndMended() throws SQLException {
        DatabaseSpec spec = database(18);
        try (Connection connection = TestServers.open(spec)) {
            Publications publications = new Publications(connection, "shake");
            publications.ensure("p", List.of(PLAIN, ODD));
            TestServers.run(
                    spec,
                    "ALTER PUBLICATION p SET TABLE plain WHERE (id > 5)",
                    "ALTER PUBLICATION p SET (publish = 'insert')");

            ReplicatorException altered = catchThrowableOfType(
                    ReplicatorException.class, () -> publications.verify("p", List.of(PLAIN, ODD)));
            assertThat(altered.code()).isEqualTo(ErrorCode.PUBLICATION);
            assertThat(altered.detail()).contains("lacks \"Odd \"\"S\".\"T.x\"");

            assertThat(publications.ensure("p", List.of(PLAIN, ODD))).isTrue();
            publications.verify("p", List.of(PLAIN, ODD));
            assertThat(publications.find("p").orElseThrow().restricted()).isEmpty();
        }
    }

    @Test
    void aPublicationThatIsGoneOrForEverythingIsAnError() throws SQLException {
        DatabaseSpec spec = database(18);
        try (Connection connection = TestServers.open(spec)) {
            Publications publications = new Publications(connection, "shake");
            ReplicatorException gone =
                    catchThrowableOfType(ReplicatorException.class, () -> publications.verify("p", List.of(PLAIN)));
            assertThat(gone.code()).isEqualTo(ErrorCode.PUBLICATION);
            assertThat(gone.detail()).contains("does not exist any more");

            TestServers.run(spec, "CREATE PUBLICATION p FOR TABLES IN SCHEMA public");
            ReplicatorException everything =
                    catchThrowableOfType(ReplicatorException.class, () -> publications.ensure("p", List.of(PLAIN)));
            assertThat(everything.code()).isEqualTo(ErrorCode.PUBLICATION);
        }
    }

    private static DatabaseSpec database(int version) {
        DatabaseSpec spec = TestServers.database(version, "shake");
        TestServers.run(
                spec,
                "CREATE SCHEMA \"Odd \"\"S\"",
                "CREATE TABLE plain (id int PRIMARY KEY)",
                "CREATE TABLE \"Odd \"\"S\".\"T.x\" (id int PRIMARY KEY)",
                "CREATE TABLE parted (id int PRIMARY KEY) PARTITION BY RANGE (id)");
        return spec;
    }

    private static Table table(int id, String schema, String name) {
        return new Table(id, new TableName(schema, name), List.of("id"), List.of("int4"));
    }
}
