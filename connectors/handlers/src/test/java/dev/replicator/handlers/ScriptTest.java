package dev.replicator.handlers;

import static dev.replicator.handlers.Conflicts.frontier;
import static dev.replicator.handlers.Conflicts.row;
import static dev.replicator.handlers.Conflicts.value;
import static dev.replicator.handlers.Conflicts.winner;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.CustomCode;
import dev.replicator.model.Row;
import dev.replicator.policy.Decision;
import dev.replicator.policy.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptTest {
    private static final Row OLDER = row("12.50", "7", "2026-01-01 00:00:00.000002+00", "old");
    private static final Row NEWER = row("3.00", "9007199254740993", "2026-01-01 00:00:00.000001+00", "new");

    @TempDir
    private Path folder;

    private final Conflicts conflicts = new Conflicts();

    private Policy policy(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("stock.js"), text);
        return conflicts.policy(new CustomCode.Script(file, "resolve"));
    }

    private Decision decide(String body) throws IOException {
        return policy("function resolve(changes, table) { const a = changes[0], b = changes[1]; " + body + " }")
                .decide(frontier(OLDER, NEWER));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "return a.row.updated_at > b.row.updated_at ? a : b;|0",
                "return a.row.price < b.row.price ? a.row : b.row;|1",
                "return b.row.on_hand === 9007199254740993n && a.row.on_hand === 7 ? a : b;|0",
                "return a.row['Odd Name'] === true && a.row.tags.join() === 'a,b' ? a : b;|0",
                "return a.database === 's1' && a.operation === 'update' && a.old === null && table === 'public.stock' ? a : b;|0",
                "return Object.keys(a.row)[1] === 'price' ? a : b;|0",
                "return a.commit_time < b.commit_time ? b : a;|1",
            })
    void aScriptSeesRowsAndChanges(String body, int winner) throws IOException {
        assertThat(winner(decide(body))).isEqualTo(winner);
        assertThat(conflicts.failures).isEmpty();
    }

    @Test
    void aRemovedRowIsNull() throws IOException {
        Policy policy = policy("function resolve(changes) { return changes.filter(c => c.row === null)[0]; }");
        assertThat(winner(policy.decide(frontier(OLDER, null, NEWER)))).isEqualTo(1);
    }

    @Test
    void aScriptMergesRowsAndUntouchedValuesKeepTheirForm() throws IOException {
        Decision decision =
                decide("return merge(b, {price: a.row.price, on_hand: 16, tags: ['x', null], mood: 'glad'});");
        assertThat(conflicts.failures).isEmpty();
        assertThat(value(decision, "price")).isEqualTo("12.50");
        assertThat(value(decision, "on_hand")).isEqualTo("16");
        assertThat(value(decision, "tags")).isEqualTo("{x,NULL}");
        assertThat(value(decision, "mood")).isEqualTo("glad");
        assertThat(value(decision, "updated_at")).isEqualTo("2026-01-01 00:00:00.000001+00");
    }

    @Test
    void answersThatAreNoRow() throws IOException {
        assertThat(decide("return remove();")).isInstanceOf(Decision.Delete.class);
        assertThat(decide("return quarantine('odd');")).isInstanceOf(Decision.Quarantine.class);
        assertThat(decide("return stop('ask');")).isEqualTo(new Decision.Stop("script \"stock.js\": ask"));
        assertThat(decide("return fallback();").reason()).contains("left it to the fallback, latest");
        assertThat(conflicts.failures).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "while (true) { }",
                "try { while (true) { } } catch (e) { return a; } finally { return a; }",
                "[1, 2].sort((p, q) => { for (;;) { } });",
                "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!');",
            })
    void aLoopIsCutByCountingSteps(String body) throws IOException {
        Decision decision = decide(body);
        assertThat(winner(decision)).isEqualTo(1);
        assertThat(conflicts.failures)
                .containsExactly("script \"stock.js\" on public.stock: it had not ended after 10000000 steps");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "throw new Error(a.row.name);|it threw in line 1",
                "function deeper() { deeper(); } deeper();|it threw in line 1",
                "return 1;|it returned neither one of the changes nor an answer",
                "return {row: a.row};|it returned neither one of the changes nor an answer",
                "return merge(a.row, {});|it called merge without one of the changes",
                "return merge(b);|it called merge without its arguments",
                "return merge(b, {id: 2});|it changes key column \"id\"",
                "return merge(b, {name: undefined});|it set a column to something that is no value",
                "return merge(b, {on_hand: 1.5});|column \"on_hand\" to something that is no bigint",
                "return new Date() ? a : b;|it threw in line 1",
                "return Math.random() < 2 ? a : b;|it threw in line 1",
                "return java.lang.System.exit(1);|it threw in line 1",
                "return a.row.getClass() ? a : b;|it threw in line 1",
                "Array.prototype.remembered = a; return a;|it threw in line 1",
            })
    void whatGoesWrongIsContainedAndTheFallbackDecides(String body, String what) throws IOException {
        Decision decision = decide(body);
        assertThat(winner(decision)).isEqualTo(1);
        assertThat(decision.reason())
                .contains(what)
                .contains("so the fallback decided, latest")
                .doesNotContain("old");
        assertThat(conflicts.failures).singleElement().asString().contains(what);
    }

    @Test
    void nothingIsRememberedFromCallToCall() throws IOException {
        Policy policy = policy("var calls = 0; function resolve(changes) { return changes[calls++]; }");
        assertThat(winner(policy.decide(frontier(OLDER, NEWER)))).isZero();
        assertThat(winner(policy.decide(frontier(OLDER, NEWER)))).isZero();
    }

    @Test
    void aNumberThatAScriptCannotHoldIsRefusedNotRounded() throws IOException {
        Row exact = row("12345678901234567.89", "1", null, "x");
        Policy policy =
                policy("function resolve(changes) { return changes[0].row.price > 1 ? changes[0] : changes[1]; }");
        assertThat(winner(policy.decide(frontier(exact, NEWER)))).isEqualTo(1);
        assertThat(conflicts.failures).singleElement().asString().contains("more than 15 digits");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "function resolve( {|\"stock.js\", line 1: ",
                "function other() { }|\"stock.js\" has no function resolve.",
                "\\nnonsense();|\"stock.js\", line 2: ReferenceError",
                "while (true) { }|\"stock.js\" cannot be loaded: it had not ended after",
            })
    void aScriptThatCannotRunIsRefused(String text, String detail) {
        assertThatThrownBy(() -> policy(text.replace("\\n", "\n")))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> assertThat(e.detail()).contains(detail));
    }
}
