package dev.replicator.cli.demo.shakespeare;

import dev.replicator.cli.demo.shakespeare.Work.Person;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The Shakespeare tables: work, character, character_work, chapter, paragraph and wordform, shaped as in the "Open
 * Source Shakespeare" sample database, tens of thousands of rows, the same bytes on every run.
 *
 * <p>What is genuine: titles, years, acts and scenes, people, and every line of text. What is not: most paragraphs are
 * put together from those lines by a random generator with a fixed seed, so that the tables have a realistic size; only
 * the passages of {@code passages.txt} stand where Shakespeare put them. Phonetic texts are Soundex codes, stems are
 * made by cutting endings.
 */
public final class Shakespeare {
    /** The tables, in the order in which they are loaded. */
    public static final List<String> TABLES =
            List.of("work", "character", "character_work", "chapter", "paragraph", "wordform");

    private static final String SCHEMA = """
            CREATE TABLE work (
                workid          text PRIMARY KEY,
                title           text NOT NULL,
                longtitle       text NOT NULL,
                year            integer NOT NULL,
                genretype       text NOT NULL,
                notes           text,
                source          text NOT NULL,
                totalwords      integer NOT NULL,
                totalparagraphs integer NOT NULL);
            CREATE TABLE character (
                charid      text PRIMARY KEY,
                charname    text NOT NULL,
                abbrev      text,
                description text,
                speechcount integer NOT NULL);
            CREATE TABLE character_work (
                charid text NOT NULL,
                workid text NOT NULL,
                PRIMARY KEY (charid, workid));
            CREATE TABLE chapter (
                chapterid   integer PRIMARY KEY,
                workid      text NOT NULL,
                section     integer NOT NULL,
                chapter     integer NOT NULL,
                description text NOT NULL);
            CREATE TABLE paragraph (
                paragraphid   integer PRIMARY KEY,
                workid        text NOT NULL,
                section       integer NOT NULL,
                chapter       integer NOT NULL,
                charid        text NOT NULL,
                plaintext     text NOT NULL,
                phonetictext  text NOT NULL,
                stemtext      text NOT NULL,
                paragraphtype text NOT NULL,
                charcount     integer NOT NULL,
                wordcount     integer NOT NULL);
            CREATE TABLE wordform (
                wordformid   integer PRIMARY KEY,
                plaintext    text NOT NULL,
                phonetictext text NOT NULL,
                stemtext     text NOT NULL,
                occurences   integer NOT NULL);
            """;

    private static final long SEED = 1616;
    private static final int MIN_SPEECHES = 16;
    private static final int MAX_SPEECHES = 48;
    private static final int MAX_LINES = 6;

    private final Random random = new Random(SEED);
    private final Library library = Library.read();
    private final Troupe troupe = new Troupe(library.works());
    private final Map<String, CopyText> tables = new LinkedHashMap<>();
    private final Map<String, Integer> occurrences = new TreeMap<>();

    private Shakespeare() {
        TABLES.forEach(table -> tables.put(table, new CopyText()));
    }

    /** Makes all rows, in memory (about 15 MB). */
    public static Shakespeare generate() {
        Shakespeare data = new Shakespeare();
        for (Work work : data.library.works()) {
            data.write(work);
        }
        data.writeCharacters();
        data.writeWordForms();
        return data;
    }

    public int rows() {
        return tables.values().stream().mapToInt(CopyText::rows).sum();
    }

    public int rows(String table) {
        return table(table).rows();
    }

    /** A table's rows as input of {@code COPY ... FROM STDIN}. */
    public byte[] copyText(String table) {
        return table(table).bytes();
    }

    /** Creates the tables in the connection's first schema and fills them, in one transaction. */
    public void load(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(SCHEMA);
        }
        for (String table : TABLES) {
            try {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("COPY " + table + " FROM STDIN", new ByteArrayInputStream(copyText(table)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    private void write(Work work) {
        int firstParagraph = rows("paragraph");
        int words = 0;
        int chapters = 0;
        for (int act = 1; act <= work.scenes().size(); act++) {
            for (int scene = 1; scene <= work.scenes().get(act - 1); scene++) {
                String place = work.places().get(chapters++ % work.places().size());
                String description = work.isPlay() ? place + "." : place + " " + scene;
                table("chapter").row(rows("chapter") + 1, work.id(), act, scene, description);
                words += work.isPlay() ? playScene(work, act, scene) : poem(work, act, scene);
            }
        }
        for (Person person : work.cast()) {
            table("character_work").row(troupe.id(work, person), work.id());
        }
        int paragraphs = rows("paragraph") - firstParagraph;
        String source = "generated";
        table("work")
                .row(
                        work.id(),
                        work.title(),
                        work.longTitle(),
                        work.year(),
                        work.genre(),
                        null,
                        source,
                        words,
                        paragraphs);
    }

    private int playScene(Work work, int act, int scene) {
        List<Person> present = new ArrayList<>();
        for (int i = 2 + random.nextInt(4); i > 0; i--) {
            Person person = work.cast().get(random.nextInt(work.cast().size()));
            if (!present.contains(person)) {
                present.add(person);
            }
        }
        List<String> names = present.stream().map(Person::name).toList();
        String entry = "[Enter " + String.join(", ", names) + "]";
        int words = paragraph(work, act, scene, Troupe.STAGE_DIRECTIONS, entry);
        for (Passage passage : passages(work, act, scene)) {
            words += paragraph(work, act, scene, troupe.id(work, passage.speaker()), passage.text());
        }
        int speeches = MIN_SPEECHES + random.nextInt(MAX_SPEECHES - MIN_SPEECHES);
        for (int i = 0; i < speeches; i++) {
            Person speaker = present.get(i % present.size());
            words += paragraph(work, act, scene, troupe.id(work, speaker), someLines(MAX_LINES));
        }
        return words + paragraph(work, act, scene, Troupe.STAGE_DIRECTIONS, "[Exeunt]");
    }

    private int poem(Work work, int act, int scene) {
        List<Passage> genuine = passages(work, act, scene);
        String poet = troupe.id(work, work.cast().get(0));
        if (!genuine.isEmpty()) {
            return paragraph(work, act, scene, poet, genuine.get(0).text());
        }
        StringBuilder text = new StringBuilder();
        for (int lines = 0; lines < 14; lines++) {
            text.append(lines == 0 ? "" : "\n").append(someLines(1));
        }
        return paragraph(work, act, scene, poet, text.toString());
    }

    private List<Passage> passages(Work work, int act, int scene) {
        return library.passages().stream()
                .filter(p -> p.work().equals(work.id()) && p.act() == act && p.scene() == scene)
                .toList();
    }

    /** Neighbouring lines of some passage. */
    private String someLines(int most) {
        List<String> lines = library.passages()
                .get(random.nextInt(library.passages().size()))
                .lines();
        int from = random.nextInt(lines.size());
        int to = Math.min(lines.size(), from + 1 + random.nextInt(most));
        return String.join("\n", lines.subList(from, to));
    }

    private int paragraph(Work work, int act, int scene, String character, String text) {
        List<String> words = Words.of(text);
        StringBuilder phonetic = new StringBuilder(words.size() * 5);
        StringBuilder stems = new StringBuilder(text.length());
        for (String word : words) {
            String space = phonetic.length() == 0 ? "" : " ";
            phonetic.append(space).append(Words.soundex(word));
            stems.append(space).append(Words.stem(word));
            occurrences.merge(word, 1, Integer::sum);
        }
        troupe.speaks(character);
        table("paragraph")
                .row(
                        rows("paragraph") + 1,
                        work.id(),
                        act,
                        scene,
                        character,
                        text,
                        phonetic,
                        stems,
                        character.equals(Troupe.STAGE_DIRECTIONS) ? "s" : "b",
                        text.length(),
                        words.size());
        return words.size();
    }

    private void writeCharacters() {
        troupe.people().forEach((id, person) -> {
            @Nullable String description = person.description().isEmpty() ? null : person.description();
            table("character")
                    .row(
                            id,
                            person.name(),
                            person.name().toUpperCase(java.util.Locale.ROOT),
                            description,
                            troupe.speeches(id));
        });
    }

    private void writeWordForms() {
        occurrences.forEach((word, count) ->
                table("wordform").row(rows("wordform") + 1, word, Words.soundex(word), Words.stem(word), count));
    }

    private CopyText table(String name) {
        CopyText table = tables.get(name);
        if (table == null) {
            throw new IllegalArgumentException("there is no table " + name);
        }
        return table;
    }
}
