package dev.replicator.cli.demo.shakespeare;

import dev.replicator.cli.demo.shakespeare.Work.Person;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the two resources beside this class: the works with their people, and genuine passages. */
final class Library {
    private final List<Work> works = new ArrayList<>();
    private final List<Passage> passages = new ArrayList<>();

    private Library() {}

    static Library read() {
        Library library = new Library();
        library.readWorks(lines("works.txt"));
        library.readPassages(lines("passages.txt"));
        return library;
    }

    List<Work> works() {
        return works;
    }

    List<Passage> passages() {
        return passages;
    }

    private void readWorks(List<String> lines) {
        String[] head = {};
        List<String> places = List.of();
        for (String line : lines) {
            if (line.startsWith("work:")) {
                head = fields(line.substring("work:".length()), "\\|");
            } else if (line.startsWith("at:")) {
                places = List.of(fields(line.substring("at:".length()), ";"));
            } else if (line.startsWith("cast:")) {
                List<Person> cast = Arrays.stream(fields(line.substring("cast:".length()), ";"))
                        .map(Library::person)
                        .toList();
                List<Integer> scenes =
                        Arrays.stream(head[5].split(" ")).map(Integer::valueOf).toList();
                works.add(
                        new Work(head[0], head[1], head[2], Integer.parseInt(head[3]), head[4], scenes, places, cast));
            }
        }
    }

    private static Person person(String text) {
        boolean shared = text.startsWith("*");
        String[] parts = fields(shared ? text.substring(1) : text, "=");
        return new Person(parts[0], parts.length > 1 ? parts[1] : "", shared);
    }

    private void readPassages(List<String> lines) {
        String[] head = {};
        List<String> text = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("@")) {
                add(head, text);
                head = fields(line.substring(1), "\\|");
                text.clear();
            } else if (!line.isBlank() && head.length > 0) {
                text.add(line);
            }
        }
        add(head, text);
    }

    private void add(String[] head, List<String> text) {
        if (head.length > 0) {
            passages.add(new Passage(
                    head[0], Integer.parseInt(head[1]), Integer.parseInt(head[2]), head[3], List.copyOf(text)));
        }
    }

    private static String[] fields(String text, String separator) {
        return Arrays.stream(text.split(separator)).map(String::trim).toArray(String[]::new);
    }

    private static List<String> lines(String resource) {
        try (InputStream in = Library.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource + " is missing");
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
