package dev.replicator.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.session.Sessions;
import dev.replicator.spi.PauseMark;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReplicatorSchemaTest {

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void anOrdinaryRoleInstallsItInSeveralSessionsAtOnce(int version) {
        TestDatabase database = TestDatabase.create(version, "SELECT");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<CompletableFuture<Void>> installs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                installs.add(CompletableFuture.runAsync(
                        () -> {
                            try (Connection connection = Sessions.open(database.spec("shake1"), "test")) {
                                ReplicatorSchema.install(connection, "shake1");
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        threads));
            }
            installs.forEach(CompletableFuture::join);
        } finally {
            threads.shutdown();
        }
        assertThat(database.values("SELECT format FROM replicator.meta"))
                .containsExactly(String.valueOf(ReplicatorSchema.FORMAT));
        assertThat(database.value("SELECT tableowner FROM pg_tables WHERE schemaname = 'replicator' LIMIT 1"))
                .isEqualTo("replicator");
        assertThat(database.value("SELECT has_table_privilege('public', 'replicator.secret', 'SELECT')"))
                .isEqualTo("f");
    }

    @Test
    void aNewerFormatIsRefusedByName() {
        TestDatabase database = TestDatabase.create(18, "SELECT");
        try (Connection connection = Sessions.open(database.spec("shake1"), "test")) {
            ReplicatorSchema.install(connection, "shake1");
            database.execute("UPDATE replicator.meta SET format = 99");
            ReplicatorException refusal = catchThrowableOfType(
                    ReplicatorException.class, () -> ReplicatorSchema.install(connection, "shake1"));
            assertThat(refusal.code()).isEqualTo(ErrorCode.FORMAT_TOO_NEW);
            assertThat(refusal.formatted()).contains("format 99", "up to " + ReplicatorSchema.FORMAT, "shake1");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void withoutThePrivilegeTheGrantIsNamedAndASchemaMadeByAnAdministratorServes() throws SQLException {
        TestDatabase database = TestDatabase.create(18, "SELECT");
        database.execute("REVOKE CREATE ON DATABASE " + database.name + " FROM replicator");
        try (Connection connection = Sessions.open(database.spec("shake1"), "test")) {
            ReplicatorException refusal = catchThrowableOfType(
                    ReplicatorException.class, () -> ReplicatorSchema.install(connection, "shake1"));
            assertThat(refusal.code()).isEqualTo(ErrorCode.PRIVILEGE);
            assertThat(refusal.hint()).contains("GRANT CREATE ON DATABASE");
            database.execute("CREATE SCHEMA replicator AUTHORIZATION replicator");
            ReplicatorSchema.install(connection, "shake1");
            assertThat(ReplicatorSchema.isUsable(connection, "shake1")).isTrue();
        }
    }

    @Test
    void pauseMarksOutliveTheSessionAndTheLastSyncTakesTheSchemaWithIt() throws SQLException {
        TestDatabase database = TestDatabase.create(18, "SELECT");
        try (Connection connection = Sessions.open(database.spec("shake1"), "test")) {
            PauseMarks marks = new PauseMarks(connection);
            assertThat(marks.read("bard")).isEmpty();
            ReplicatorSchema.install(connection, "shake1");
            Instant now = Instant.parse("2026-01-02T03:04:05Z");
            PauseMark paused = new PauseMark(3, true, now, "anne");
            PauseMark resumed = new PauseMark(4, false, now, "william");
            marks.write("bard", paused);
            assertThat(marks.read("bard")).contains(paused);
            assertThat(marks.read("other")).isEmpty();
            marks.write("bard", resumed);
            marks.write("bard", paused);
            assertThat(marks.read("bard")).as("what was said last").contains(resumed);
            PauseMark atTheSameMoment = new PauseMark(4, true, now, "anne");
            marks.write("bard", atTheSameMoment);
            marks.write("bard", resumed);
            assertThat(marks.read("bard")).contains(atTheSameMoment);
            assertThat(PauseMark.later(Optional.of(resumed), Optional.of(atTheSameMoment)))
                    .contains(atTheSameMoment);
            assertThat(PauseMark.later(Optional.empty(), Optional.of(resumed))).contains(resumed);
            database.execute("INSERT INTO replicator.progress (sync, database) VALUES ('bard', 'x'), ('other', 'x')");
            ReplicatorSchema.removeSync(connection, "shake1", "bard");
            assertThat(ReplicatorSchema.isInstalled(connection)).isTrue();
            ReplicatorSchema.removeSync(connection, "shake1", "other");
            assertThat(ReplicatorSchema.isInstalled(connection)).isFalse();
        }
    }
}
