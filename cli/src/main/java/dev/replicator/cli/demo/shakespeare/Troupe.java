package dev.replicator.cli.demo.shakespeare;

import dev.replicator.cli.demo.shakespeare.Work.Person;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Who is who: one identifier per person. Somebody who returns in another work keeps it; two people of one name in
 * different works are told apart by the work.
 */
final class Troupe {
    /** The character that speaks the stage directions, as in the original data. */
    static final String STAGE_DIRECTIONS = "xxx";

    private final Map<String, Person> people = new LinkedHashMap<>();
    private final Map<String, Integer> namesakes = new HashMap<>();
    private final Map<String, Integer> speeches = new HashMap<>();

    Troupe(List<Work> works) {
        Set<String> returning = new HashSet<>();
        people.put(STAGE_DIRECTIONS, new Person("(stage directions)", "", true));
        for (Work work : works) {
            for (Person person : work.cast()) {
                String slug = slug(person.name());
                if (!person.shared() || returning.add(slug)) {
                    namesakes.merge(slug, 1, Integer::sum);
                }
            }
        }
        for (Work work : works) {
            for (Person person : work.cast()) {
                people.putIfAbsent(id(work, person), person);
            }
        }
        for (Work work : works) {
            for (Person person : work.cast()) {
                if (people.get(id(work, person)) != person && !person.shared()) {
                    throw new IllegalStateException("two people are called " + id(work, person));
                }
            }
        }
    }

    String id(Work work, Person person) {
        String slug = slug(person.name());
        return person.shared() || namesakes.getOrDefault(slug, 0) == 1 ? slug : slug + "-" + work.id();
    }

    /** The identifier of somebody in the cast of a work, by name. */
    String id(Work work, String name) {
        for (Person person : work.cast()) {
            if (person.name().equals(name)) {
                return id(work, person);
            }
        }
        throw new IllegalStateException(name + " is not in the cast of " + work.id());
    }

    void speaks(String id) {
        speeches.merge(id, 1, Integer::sum);
    }

    int speeches(String id) {
        return speeches.getOrDefault(id, 0);
    }

    Map<String, Person> people() {
        return people;
    }

    private static String slug(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "");
    }
}
