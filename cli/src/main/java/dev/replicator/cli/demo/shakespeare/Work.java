package dev.replicator.cli.demo.shakespeare;

import java.util.List;

/**
 * One work: a play, a poem, or the sonnets.
 *
 * @param genre c comedy, h history, t tragedy, p poem, s sonnet
 * @param scenes number of scenes in each act
 * @param places where they play, used in turn
 */
record Work(
        String id,
        String title,
        String longTitle,
        int year,
        String genre,
        List<Integer> scenes,
        List<String> places,
        List<Person> cast) {

    /**
     * Somebody who speaks.
     *
     * @param description empty when there is none
     * @param shared whether the same person appears in other works
     */
    record Person(String name, String description, boolean shared) {}

    /** Whether its chapters are acts and scenes rather than poems. */
    boolean isPlay() {
        return "cht".contains(genre);
    }
}
