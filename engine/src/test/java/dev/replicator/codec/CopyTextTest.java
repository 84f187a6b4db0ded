package dev.replicator.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.Column;
import dev.replicator.model.Relation;
import dev.replicator.model.Row;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyTextTest {
    private static final Relation RELATION = new Relation(
            new Table(0, new TableName("public", "t"), List.of("a"), List.of("text")),
            List.of(new Column("a", 25, "text", -1), new Column("b", 25, "text", -1), new Column("c", 25, "text", -1)));

    @Test
    void aLineIsARowAndTheSameLineAgain() {
        byte[] line = "a\\tb\\n\\r\\\\N\t\\N\t\n".getBytes(StandardCharsets.UTF_8);
        Row row = CopyText.parse(RELATION, line);
        assertThat(row.text(0)).isEqualTo("a\tb\n\r\\N");
        assertThat(row.isNull(1)).isTrue();
        assertThat(row.text(2)).isEmpty();
        assertThat(CopyText.format(row)).isEqualTo(line);
    }

    @Test
    void whatTheServerEscapesBesidesIsUnderstood() {
        byte[] line = "\\b\\f\\v\t\u00e4\u20ac\ud83d\ude00\tx\n".getBytes(StandardCharsets.UTF_8);
        Row row = CopyText.parse(RELATION, line);
        assertThat(row.text(0)).isEqualTo("\b\f\u000b");
        assertThat(row.text(1)).isEqualTo("\u00e4\u20ac\ud83d\ude00");
    }
}
