package dev.replicator.debezium;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.error.ReplicatorException;
import dev.replicator.model.Resume;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeptTest {
    @Test
    void whatIsKeptIsReadBackAndLeadsToTheSameServerOnly() {
        Kept kept = Kept.open("one", "server-a", null);
        kept.addStructure("{\"ddl\": \"CREATE TABLE a\"}");
        kept.addStructure("{\"ddl\": \"CREATE TABLE b\"}");
        Resume resume = kept.at(Map.of("file", "bin.000007", "pos", 1237L, "row", 1));
        kept.close();

        Kept again = Kept.open("two", "server-a", resume);
        assertThat(again.structures()).hasSize(2).first().asString().contains("TABLE a");
        assertThat(again.offsets("t").values().iterator().next().array())
                .asString()
                .contains("\"pos\":1237")
                .doesNotContain("server-a");
        assertThat(again.at(Map.of("file", "bin.000007", "pos", 1237L, "row", 1))
                        .context())
                .isEqualTo(resume.context());
        again.close();
        assertThatThrownBy(() -> Kept.open("three", "server-b", resume))
                .isInstanceOf(ReplicatorException.class)
                .hasMessageContaining("another server than before");
    }

    @Test
    void placesAreOrderedByFileThenByte() {
        assertThat(BinlogPlace.of(Map.of("file", "mysql-bin.000010", "pos", 4L)))
                .isGreaterThan(BinlogPlace.of("mysql-bin.000009", 0xffffffffL));
    }

    @Test
    void aPatternIsTrueOfOneNameOnly() {
        String name = "odd, \"na.me\" $1";

        assertThat(name).matches(BinlogSource.pattern(name));
        assertThat("odd, \"naxme\" $1").doesNotMatch(BinlogSource.pattern(name));
        assertThat(BinlogSource.pattern(name)).doesNotContain(",");
    }
}
