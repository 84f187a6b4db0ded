package dev.replicator.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Operation;
import dev.replicator.mongodb.MongoOptions.Times;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class DocumentsTest {
    private static final MongoOptions OPTIONS = Rows.options(Times.DATE, "stop", false);

    private final Documents documents = Rows.documents(OPTIONS);

    private static BsonValue id(String type, String text) {
        return Rows.documents(OPTIONS)
                .change(new Rows(1, "id " + type).delete(text))
                .id();
    }

    private static BsonDocument after(MongoOptions options, Operation operation, @Nullable String before) {
        Documents documents = Rows.documents(options);
        return documents.after(documents.change(operation), before == null ? null : BsonDocument.parse(before));
    }

    @Test
    void equalKeysHaveOneIdAndOthersAnother() {
        assertThat(id("numeric", "1.50")).isEqualTo(id("numeric", "1.5")).isNotEqualTo(id("numeric", "1.51"));
        assertThat(id("numeric", "0.00")).isEqualTo(id("numeric", "0"));
        assertThat(id("numeric", "100")).isEqualTo(id("numeric", "100.0"));
        String digits = "9".repeat(40);
        assertThat(id("numeric", digits + ".0"))
                .isEqualTo(id("numeric", digits))
                .isNotEqualTo(id("numeric", digits + ".1"));
        assertThat(id("bpchar", "ab  ")).isEqualTo(id("bpchar", "ab"));
        assertThat(id("text", "ab ")).isNotEqualTo(id("text", "ab"));
        assertThat(id("timestamptz", "2026-11-25 01:02:03.000004+00"))
                .isNotEqualTo(id("timestamptz", "2026-11-25 01:02:03.000005+00"));
        assertThat(id("_int4", "{1,2}").isString()).isTrue();
        assertThat(id("jsonb", "[1]").isString()).isTrue();
    }

    @Test
    void severalKeyColumnsAreASubDocumentInTheirOrder() {
        Rows rows = new Rows(2, "b text", "a int4", "v int4");
        BsonValue id = documents.change(rows.delete("x", "7")).id();
        assertThat(id).isEqualTo(BsonDocument.parse("{b: 'x', a: 7}"));
        assertThat(id.asDocument().keySet()).containsExactly("b", "a");
    }

    @Test
    void aWholeRowReplacesAndAPartOfOneKeepsTheRest() {
        Rows rows = new Rows(1, "id int4", "a text", "b text");
        String before = "{_id: 1, id: 1, a: 'x', b: 'y', theirs: 5}";
        assertThat(after(OPTIONS, rows.upsert("1", "z", null), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, a: 'z', b: null, theirs: 5}"));
        assertThat(after(OPTIONS, rows.upsert("1", "z", null), null))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, a: 'z', b: null}"));
        assertThat(after(OPTIONS, rows.update("1", null), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, a: null, b: 'y', theirs: 5}"));
        assertThat(after(Rows.options(Times.DATE, "stop", true), rows.update("1", null), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, b: 'y', theirs: 5}"));
        assertThat(after(OPTIONS, rows.move(rows.row("1"), "2", "z"), before))
                .isEqualTo(BsonDocument.parse("{_id: 2, id: 2, a: 'z', b: 'y', theirs: 5}"));
    }

    @Test
    void microsecondsComeAndGoWithTheirColumn() {
        Rows rows = new Rows(1, "id int4", "at timestamp");
        String date = "at: {$date: '2026-11-25T01:02:03.456Z'}";
        String before = "{_id: 1, id: 1, " + date + ", at_micros: 1}";
        assertThat(after(OPTIONS, rows.update("1", "2026-11-25 01:02:03.456789"), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, " + date + ", at_micros: 789}"));
        assertThat(after(OPTIONS, rows.update("1", "2026-11-25 01:02:03.456"), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, " + date + "}"));
        assertThat(after(OPTIONS, rows.update("1", (String) null), before))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, at: null}"));
        assertThat(after(OPTIONS, rows.update("1"), before)).isEqualTo(BsonDocument.parse(before));
        assertThat(after(
                        Rows.options(Times.MILLISECONDS, "stop", false),
                        rows.upsert("1", "2026-11-25 01:02:03.456789"),
                        null))
                .isEqualTo(BsonDocument.parse("{_id: 1, id: 1, " + date + "}"));
    }

    @Test
    void aChangeThatIsWrittenDownReadsTheSame() {
        Rows rows = new Rows(1, "id int4", "a text", "at timestamp");
        BsonDocument before = BsonDocument.parse("{_id: 1, id: 1, a: 'x', at_micros: 1}");
        DocumentChange change = documents.change(rows.move(rows.row("1"), "2", "z", "2026-11-25 01:02:03"));
        DocumentChange read = DocumentChange.of(change.written(BsonDocument.parse("{n: 1}")));
        assertThat(read.kind()).isEqualTo(DocumentChange.Kind.MOVE);
        assertThat(read.before()).isEqualTo(change.before());
        assertThat(read.row()).isEqualTo("(id)=(2)");
        assertThat(documents.after(read, before)).isEqualTo(documents.after(change, before));
    }

    @Test
    void columnsThatCannotBeFieldsAreNamed() {
        assertThat(Documents.problemOf(List.of("_id", "a"), List.of("_id"), OPTIONS))
                .isNull();
        assertThat(Documents.problemOf(List.of("id", "_id"), List.of("id"), OPTIONS))
                .contains("_id");
        assertThat(Documents.problemOf(List.of("id", "$a"), List.of("id"), OPTIONS))
                .contains("$a");
        assertThat(Documents.problemOf(List.of("id", "at_micros"), List.of("id"), OPTIONS))
                .isNull();
        assertThat(Documents.problemOf(List.of("id", "at", "at_micros"), List.of("id"), OPTIONS))
                .contains("at_micros");
        assertThatThrownBy(() -> documents.change(new Rows(1, "id int4", "$later int4").upsert("1", "2")))
                .isInstanceOfSatisfying(
                        ReplicatorException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.SCHEMA_DIFFERS));
    }

    @Test
    void aDocumentAboveTheLimitIsRefusedByItsKey() {
        Rows rows = new Rows(1, "id int4", "a text");
        assertThatThrownBy(() -> documents.change(rows.upsert("1", "x".repeat(Documents.LARGEST))))
                .isInstanceOfSatisfying(ReplicatorException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ReplicatorException.Kind.POISON);
                    assertThat(failure.detail()).contains("(id)=(1)").contains("16 MiB");
                });
    }
}
