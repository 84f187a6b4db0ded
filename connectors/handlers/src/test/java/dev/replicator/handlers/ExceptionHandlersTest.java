package dev.replicator.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.KeyCodec;
import dev.replicator.handlers.script.ScriptExceptionHandler;
import dev.replicator.model.ChangeKind;
import dev.replicator.model.Key;
import dev.replicator.model.OnError;
import dev.replicator.model.Operation;
import dev.replicator.model.Row;
import dev.replicator.policy.Exceptional;
import dev.replicator.policy.Exceptional.Origin;
import dev.replicator.policy.Remedy;
import dev.replicator.spi.ExceptionHandler;
import dev.replicator.spi.ReadOnlySql;
import dev.replicator.spi.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Scripts and classes that decide about refused changes of table {@code public.stock}. */
class ExceptionHandlersTest {
    private static final Row ROW = Conflicts.row("12.50", "7", null, "new");

    private final List<String> failures = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    private final ReadOnlySql sql = (database, text, parameters) -> {
        asked.add(database + ": " + text + " " + Arrays.toString(parameters));
        return List.of(Map.of("id", 5L), Map.of("id", 6L));
    };

    private static Exceptional refused() {
        Key key = new KeyCodec(Conflicts.RELATION.table()).keyOf(ROW);
        Operation change = Operation.upsert(key, ROW, Operation.UNGUARDED);
        Refusal refusal = new Refusal(change, ROW, "23505", "one_name", List.of(change), List.of(), 0);
        Origin origin = new Origin("s1", 1, 1_000_000, ChangeKind.INSERT);
        return new Exceptional("s2", refusal, origin, List.of(new Origin("", 0, 0, ChangeKind.UPDATE)));
    }

    private Remedy remedy(ExceptionHandler handler, OnError.Action fallback) {
        ExceptionTables tables = new ExceptionTables(Map.of(
                Conflicts.STOCK.table(), new ExceptionTables.Known(Conflicts.RELATION.table(), Conflicts.STOCK)));
        return new HandlerRemedy(
                        "it",
                        handler,
                        new TimedCall("it", Duration.ofSeconds(5)),
                        tables,
                        sql,
                        fallback,
                        (name, table, what) -> failures.add(what))
                .remedy(refused());
    }

    private Remedy script(String body, OnError.Action fallback) {
        return remedy(
                new ScriptExceptionHandler("a.js", "function handle(exception, query) { " + body + " }", "handle"),
                fallback);
    }

    @Test
    void aScriptSeesTheRowsAsksTheDatabasesAndReturnsChanges() {
        Remedy remedy = script("""
                const rows = query(exception.database, 'SELECT id FROM x WHERE a = ?', exception.refused.row.on_hand);
                return {
                    changes: rows.map(row => remove('stock', row)).concat(
                        [upsert(exception.table, exception.refused.row, { name: 'other', price: null })]),
                    reason: exception.violation + ' ' + exception.constraint + ' ' + exception.refused.database
                        + ' ' + exception.others.length
                };
                """, OnError.Action.QUARANTINE);
        assertThat(failures).isEmpty();
        assertThat(asked).containsExactly("s2: SELECT id FROM x WHERE a = ? [7.0]");
        Remedy.Changes changes = (Remedy.Changes) remedy;
        assertThat(changes.reason()).isEqualTo("it: unique one_name s1 1");
        assertThat(changes.changes())
                .extracting(Operation::kind)
                .containsExactly(Operation.Kind.DELETE, Operation.Kind.DELETE, Operation.Kind.UPSERT);
        assertThat(changes.changes().get(0).requireRow().text(0)).isEqualTo("5");
        Row written = changes.changes().get(2).requireRow();
        assertThat(written.isNull(1)).isTrue();
        assertThat(written.text(2)).isEqualTo("7");
        assertThat(written.text(4)).isEqualTo("other");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "throw exception.refused.row.name;|it threw in line 1",
                "while (true) { }|it had not ended after 10000000 steps",
                "return 7;|it returned neither fallback() nor an object with changes",
                "return { changes: [7] };|one of its changes is neither from upsert() nor from remove()",
                "return { changes: [remove('nowhere', { id: 1 })] };|it changes table public.nowhere, which the sync does not replicate",
                "return { changes: [upsert('stock', { name: 'x' })] };|it does not say the key of a row of table public.stock",
                "return { changes: [upsert('stock', { id: 1, name: null })] };|it sets column \"name\" to null, which is NOT NULL",
                "return { changes: [upsert('stock', { id: 1, nam: 'x' })] };|it sets column \"nam\", which table public.stock does not have",
            })
    void whatGoesWrongIsNamedAndTheFallbackDecides(String body, String what) {
        assertThat(script(body, OnError.Action.KEEP_LATEST)).isEqualTo(new Remedy.KeepLatest());
        assertThat(failures).containsExactly(what);
        assertThat(script(body, OnError.Action.QUARANTINE)).isEqualTo(new Remedy.Leave());
    }

    @Test
    void whatIsLeftToTheFallbackOrToAPersonIsNoFailure() {
        assertThat(script("return fallback();", OnError.Action.KEEP_LATEST)).isEqualTo(new Remedy.KeepLatest());
        assertThat(script("return { changes: [], retry: false };", OnError.Action.KEEP_LATEST))
                .isEqualTo(new Remedy.Leave());
        assertThat(failures).isEmpty();
    }

    @Test
    void aClassThatDoesNotAnswerInTimeHasFailed() {
        ExceptionTables tables = new ExceptionTables(Map.of(
                Conflicts.STOCK.table(), new ExceptionTables.Known(Conflicts.RELATION.table(), Conflicts.STOCK)));
        ExceptionHandler hangs = (refused, queries) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return ExceptionHandler.Remedy.fallback();
        };
        Remedy remedy = new HandlerRemedy(
                        "it",
                        hangs,
                        new TimedCall("it", Duration.ofMillis(50)),
                        tables,
                        sql,
                        OnError.Action.KEEP_LATEST,
                        (name, table, what) -> failures.add(what))
                .remedy(refused());
        assertThat(remedy).isEqualTo(new Remedy.KeepLatest());
        assertThat(failures).containsExactly("it did not answer within 0.050 s");
    }
}
