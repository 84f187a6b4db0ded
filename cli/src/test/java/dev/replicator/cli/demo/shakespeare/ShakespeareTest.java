package dev.replicator.cli.demo.shakespeare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShakespeareTest {
    private final Shakespeare data = Shakespeare.generate();

    @Test
    void thereAreTensOfThousandsOfRows() {
        assertThat(data.rows("work")).isEqualTo(43);
        assertThat(data.rows("paragraph")).isGreaterThan(20_000);
        assertThat(data.rows("character")).isGreaterThan(600);
        assertThat(data.rows("chapter")).isGreaterThan(850);
        assertThat(data.rows("wordform")).isGreaterThan(1_500);
    }

    @Test
    void everyRunMakesTheSameBytes() {
        Shakespeare again = Shakespeare.generate();
        for (String table : Shakespeare.TABLES) {
            assertThat(again.copyText(table)).as(table).isEqualTo(data.copyText(table));
        }
    }

    @Test
    void everyKeyIsUnique() {
        assertThat(rows("character_work").stream().map(row -> row[0] + "/" + row[1]))
                .doesNotHaveDuplicates();
        for (String table : List.of("work", "character", "chapter", "paragraph", "wordform")) {
            assertThat(rows(table).stream().map(row -> row[0])).as(table).doesNotHaveDuplicates();
        }
    }

    @Test
    void whoeverSpeaksIsInTheCast() {
        Set<String> cast = new HashSet<>();
        rows("character_work").forEach(row -> cast.add(row[0] + "/" + row[1]));
        for (String[] paragraph : rows("paragraph")) {
            if (!paragraph[4].equals(Troupe.STAGE_DIRECTIONS)) {
                assertThat(cast).contains(paragraph[4] + "/" + paragraph[1]);
            }
        }
    }

    @Test
    void everyGenuinePassageStandsInItsPlace() {
        Set<String> placed = new HashSet<>();
        rows("paragraph").forEach(row -> placed.add(row[1] + "/" + row[2] + "/" + row[3] + "/" + row[5]));
        for (Passage passage : Library.read().passages()) {
            assertThat(placed)
                    .contains(passage.work() + "/" + passage.act() + "/" + passage.scene() + "/"
                            + passage.text().replace("\n", "\\n"));
        }
    }

    @Test
    void totalsAreThoseOfTheParagraphs() {
        String[] hamlet = rows("work").stream()
                .filter(row -> row[0].equals("hamlet"))
                .findFirst()
                .orElseThrow();
        List<String[]> paragraphs = rows("paragraph").stream()
                .filter(row -> row[1].equals("hamlet"))
                .toList();
        assertThat(Integer.parseInt(hamlet[8])).isEqualTo(paragraphs.size());
        assertThat(Integer.parseInt(hamlet[7]))
                .isEqualTo(paragraphs.stream()
                        .mapToInt(row -> Integer.parseInt(row[10]))
                        .sum());
    }

    @Test
    void falstaffIsOnePersonInThreeWorks() {
        assertThat(rows("character_work").stream()
                        .filter(row -> row[0].equals("falstaff"))
                        .map(row -> row[1]))
                .containsExactlyInAnyOrder("henry4p1", "henry4p2", "merrywives");
    }

    @Test
    void wordsAreTakenApart() {
        assertThat(Words.of("O, that this too too solid flesh! 'tis--so"))
                .containsExactly("o", "that", "this", "too", "too", "solid", "flesh", "'tis", "so");
        assertThat(Words.soundex("Robert")).isEqualTo("R163");
        assertThat(Words.soundex("Ashcraft")).isEqualTo("A261");
        assertThat(Words.stem("dreaming")).isEqualTo("dream");
    }

    private List<String[]> rows(String table) {
        return Arrays.stream(new String(data.copyText(table), StandardCharsets.UTF_8).split("\n"))
                .map(line -> line.split("\t"))
                .toList();
    }
}
