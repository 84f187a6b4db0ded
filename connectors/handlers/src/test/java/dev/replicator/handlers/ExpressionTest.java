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
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpressionTest {
    private static final Row OLDER = row("12.50", "7", "2026-01-01 00:00:00.000002+00", "old");
    private static final Row NEWER = row("3.00", "9", "2026-01-01 00:00:00.000001+00", "new");

    private final Conflicts conflicts = new Conflicts();

    private Decision decide(String expression, Row... rows) {
        return conflicts.policy(new CustomCode.Expression(expression)).decide(frontier(rows));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.updated_at > b.updated_at ? a : b|0",
                "a.updated_at < b.updated_at ? a : b|1",
                "a.price > b.price ? a : b|0",
                "a.price + b.price == decimal('15.5') ? a : b|0",
                "a.price >= 12.5 && a.price < 13 ? a : b|0",
                "a.on_hand > b.on_hand ? a : b|1",
                "a.name < b.name ? a : b|1",
                "a.`Odd Name` ? a : b|0",
                "'b' in a.tags ? a : b|0",
                "a_database == 's2' ? a : b|1",
                "a_operation == 'update' && a_commit_time < b_commit_time && table == 'public.stock' ? a : b|0",
                "a_old == null ? a : b|0",
                "a == b ? a : b|1",
                "a.updated_at > timestamp('2025-01-01T00:00:00Z') ? a : b|0",
            })
    void columnsAreComparedByTheirTypes(String expression, int winner) {
        assertThat(winner(decide(expression, OLDER, NEWER))).isEqualTo(winner);
        assertThat(conflicts.failures).isEmpty();
    }

    @Test
    void nullIsARemovedRowOrAnSqlNull() {
        Row none = row(null, null, null, "x");
        assertThat(winner(decide("a == null ? b : a", null, NEWER))).isEqualTo(1);
        assertThat(winner(decide("a == null || b == null ? null : b", OLDER, null)))
                .isEqualTo(1);
        assertThat(winner(decide("b.price == null ? a : b", OLDER, none))).isZero();
        assertThat(winner(decide("b.updated_at == null ? a : b", OLDER, none))).isZero();
        assertThat(conflicts.failures).isEmpty();
    }

    @Test
    void moreThanTwoAreFoldedFromTheOldest() {
        String largest = "a.on_hand > b.on_hand ? a : b";
        Row small = row("1", "1", null, "x");
        assertThat(winner(decide(largest, small, NEWER, OLDER))).isEqualTo(1);
        assertThat(winner(decide(largest, NEWER, small, OLDER))).isZero();
        Decision sum = decide("merge(b, {'on_hand': a.on_hand + b.on_hand})", OLDER, NEWER, small);
        assertThat(value(sum, "on_hand")).isEqualTo("17");
    }

    @Test
    void columnsAreMergedEachByItsOwn() {
        Decision decision = conflicts
                .policy(new CustomCode.ColumnExpressions(Map.of(
                        "price", "greatest(a.price, b.price)",
                        "on_hand", "a.on_hand + b.on_hand",
                        "updated_at", "a.updated_at")))
                .decide(frontier(OLDER, NEWER));
        assertThat(value(decision, "price")).isEqualTo("12.50");
        assertThat(value(decision, "on_hand")).isEqualTo("16");
        assertThat(value(decision, "updated_at")).isEqualTo("2026-01-01 00:00:00.000002+00");
        assertThat(value(decision, "name")).isEqualTo("new");
        assertThat(conflicts.failures).isEmpty();
    }

    @Test
    void answersThatAreNoRow() {
        assertThat(decide("remove()", OLDER, NEWER)).isInstanceOf(Decision.Delete.class);
        assertThat(decide("stop('ask ' + a_database)", OLDER, NEWER).reason()).isEqualTo("expression: ask s1");
        assertThat(decide("quarantine('odd')", OLDER, NEWER)).isInstanceOf(Decision.Quarantine.class);
        assertThat(decide("fallback()", OLDER, NEWER).reason())
                .isEqualTo("expression left it to the fallback, latest: it was committed last");
        assertThat(conflicts.failures).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.price > b.price ? a : b|it cannot be computed",
                "null|it gave null although no change removed the row",
                "merge(b, {'nme': 'x'})|column \"nme\", which the table does not have",
                "merge(b, {'id': 2})|it changes key column \"id\"",
                "merge(b, {'name': null})|column \"name\" to null, which is NOT NULL",
                "merge(b, {'name': 'too long'})|column \"name\" to something that is no character varying(5)",
                "merge(b, {'mood': 'bored'})|column \"mood\" to something that is no mood",
                "merge(b, {'on_hand': 'many'})|column \"on_hand\" to something that is no bigint",
                "a.on_hand / 0 == 1 ? a : b|it cannot be computed: DIVIDE_BY_ZERO",
                "merge(remove(), {'name': 'x'})|it merged into what is no row",
                "[1,2,3,4,5,6,7,8,9,10].all(i,[1,2,3,4,5,6,7,8,9,10].all(j,[1,2,3,4,5,6,7,8,9,10].all(k,[1,2,3,4,5,6,7,8,9,10].all(l,[1,2].all(m,i+j+k+l+m>0))))) ? a : b|it cannot be computed",
            })
    void whatGoesWrongIsContainedAndTheFallbackDecides(String expression, String what) {
        Decision decision = decide(expression, OLDER, row(null, "9", null, "new"));
        assertThat(winner(decision)).isEqualTo(1);
        assertThat(decision.reason()).contains(what).endsWith("so the fallback decided, latest: it was committed last");
        assertThat(conflicts.failures).singleElement().asString().startsWith("expression on public.stock: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.nme > b.name ? a : b|At character 2: there is no column \"nme\". Columns: \"name\" is character varying(5) (string).|a.`Odd Name`",
                "a.price > b.name ? a : b|At character 9: \">\" does not apply to decimal and string. Columns: \"name\" is character varying(5) (string), \"price\" is numeric(10,2) (decimal).|decimal()",
                "a.on_hand > b.on_hand|it gives bool where a row is needed. Columns: \"on_hand\" is bigint (int).|a.updated_at > b.updated_at ? a : b",
                "a.price >|mismatched input|a.updated_at > b.updated_at ? a : b",
                "c.price > 1 ? a : b|undeclared reference to 'c'.|a.updated_at > b.updated_at ? a : b",
                "1 + a.updated_at == null ? a : b|\"+\" does not apply to int and timestamp.|timestamp()",
            })
    void whatDoesNotFitTheColumnsIsRefusedBeforeAnythingRuns(String expression, String detail, String hint) {
        assertThatThrownBy(() -> decide(expression, OLDER, NEWER))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> {
                    assertThat(e.primary()).isEqualTo("cannot decide conflicts of table public.stock by expression");
                    assertThat(e.detail()).contains(detail);
                    assertThat(e.hint()).contains(hint);
                });
    }

    @Test
    void anExpressionForAColumnHasToGiveItsType() {
        assertThatThrownBy(() -> conflicts.policy(new CustomCode.ColumnExpressions(Map.of("on_hand", "a.name"))))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> assertThat(e.detail())
                        .contains(
                                "it gives string where a value for column \"on_hand\" of type bigint (int) is needed"));
        assertThatThrownBy(() -> conflicts.policy(new CustomCode.ColumnExpressions(Map.of("onhand", "a.on_hand"))))
                .asInstanceOf(InstanceOfAssertFactories.type(ReplicatorException.class))
                .satisfies(e -> assertThat(e.detail()).contains("there is no column \"onhand\""));
    }
}
