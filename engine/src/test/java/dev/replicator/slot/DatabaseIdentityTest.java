package dev.replicator.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.DatabaseSpec;
import dev.replicator.session.DatabaseIdentity;
import dev.replicator.session.Endpoint;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseIdentityTest {
    private static final String TABLE = "CREATE TABLE replicator.identity (sync text PRIMARY KEY,"
            + " system_identifier bigint NOT NULL, timeline bigint NOT NULL, database_oid bigint NOT NULL,"
            + " name text NOT NULL)";

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aCopyOfADatabaseIsNotTheDatabase(int version) throws SQLException {
        DatabaseSpec original = TestServers.database(version, "shake");
        TestServers.run(original, "CREATE SCHEMA replicator", TABLE);
        try (Connection connection = TestServers.open(original)) {
            DatabaseIdentity first = DatabaseIdentity.verify(connection, "shake", "bard", true, false);
            assertThat(DatabaseIdentity.stored(connection, "shake", "bard")).contains(first);
            assertThat(DatabaseIdentity.verify(connection, "shake", "bard", true, false))
                    .isEqualTo(first);
        }
        String name = Endpoint.of(original).database();
        DatabaseSpec maintenance = TestServers.spec(version, "m", "postgres", "postgres");
        TestServers.run(maintenance, "CREATE DATABASE " + name + "_copy TEMPLATE " + name);
        try (Connection connection = TestServers.open(TestServers.spec(version, "shake", name + "_copy", "postgres"))) {
            ReplicatorException changed = catchThrowableOfType(
                    ReplicatorException.class, () -> DatabaseIdentity.verify(connection, "shake", "bard", true, false));
            assertThat(changed.code()).isEqualTo(ErrorCode.IDENTITY_CHANGED);
            assertThat(changed.detail()).contains("Its database was", "copied from a template");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anotherClusterOrTimelineIsNoticed(int version) throws SQLException {
        DatabaseSpec spec = TestServers.database(version, "shake");
        TestServers.run(spec, "CREATE SCHEMA replicator", TABLE);
        try (Connection connection = TestServers.open(spec)) {
            DatabaseIdentity now = DatabaseIdentity.read(connection, "shake");
            new DatabaseIdentity(now.systemIdentifier(), now.timeline() + 1, now.databaseOid(), now.name())
                    .store(connection, "shake", "bard");
            ReplicatorException timeline = catchThrowableOfType(
                    ReplicatorException.class, () -> DatabaseIdentity.verify(connection, "shake", "bard", true, false));
            assertThat(timeline.detail()).contains("Its timeline was 2 and is 1.");
            assertThat(DatabaseIdentity.verify(connection, "shake", "bard", true, true))
                    .isEqualTo(now);

            new DatabaseIdentity(now.systemIdentifier() + 1, now.timeline(), now.databaseOid(), now.name())
                    .store(connection, "shake", "bard");
            ReplicatorException cluster = catchThrowableOfType(
                    ReplicatorException.class,
                    () -> DatabaseIdentity.verify(connection, "shake", "bard", false, false));
            assertThat(cluster.code()).isEqualTo(ErrorCode.IDENTITY_CHANGED);
            assertThat(cluster.detail()).contains("Its cluster was");
        }
    }
}
