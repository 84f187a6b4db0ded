package dev.replicator.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
    private static final Table TABLE = new Table(1, new TableName("public", "t"), List.of("id"), List.of("int4"));
    private static final Column ID = new Column("id", 23, "int4", -1);

    private static Relation relation(Column... columns) {
        return new Relation(TABLE, List.of(columns));
    }

    @Test
    void equalValuesAreTheSameAlthoughATypeHasAnotherNumberOnTheOtherDatabase() {
        Row here = new Row.Builder(relation(ID, new Column("how", 16_400, "public.mood", -1)))
                .text("1")
                .text("glad")
                .build();
        Row there = new Row.Builder(relation(ID, new Column("how", 24_592, "public.mood", -1)))
                .text("1")
                .text("glad")
                .build();

        assertThat(here.sameValues(there)).isTrue();
    }

    @Test
    void equalValuesAreTheSameInAnotherOrderOfTheColumns() {
        Column text = new Column("v", 25, "text", -1);
        Row here = new Row.Builder(relation(ID, text)).text("1").nil().build();
        Row there = new Row.Builder(relation(text, ID)).nil().text("1").build();

        assertThat(here.sameValues(there)).isTrue();
    }

    @Test
    void aMissingColumnAnotherValueOrAnotherFormIsADifference() {
        Column text = new Column("v", 25, "text", -1);
        Row row = new Row.Builder(relation(ID, text)).text("1").text("2").build();

        assertThat(row.sameValues(new Row.Builder(relation(ID)).text("1").build()))
                .isFalse();
        assertThat(row.sameValues(new Row.Builder(relation(ID, new Column("w", 25, "text", -1)))
                        .text("1")
                        .text("2")
                        .build()))
                .isFalse();
        assertThat(row.sameValues(
                        new Row.Builder(relation(ID, text)).text("1").text("3").build()))
                .isFalse();
        assertThat(row.sameValues(
                        new Row.Builder(relation(ID, text)).text("1").absent().build()))
                .isFalse();
    }
}
