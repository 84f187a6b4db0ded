package dev.replicator.cli.demo.shakespeare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the tables keep of a text besides the text: its words, how they sound, and their stems. */
final class Words {
    private static final String SOUNDEX = "01230120022455012623010202";
    private static final List<String> ENDINGS =
            List.of("ingly", "edly", "ness", "ing", "est", "eth", "ed", "ly", "es", "s");

    private Words() {}

    /** The words in lower case; an apostrophe belongs to its word. */
    static List<String> of(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : ' ';
            if (Character.isLetter(c) || c == '\'') {
                word.append(c);
            } else if (word.length() > 0) {
                String found = word.toString().toLowerCase(Locale.ROOT);
                if (!found.chars().allMatch(letter -> letter == '\'')) {
                    words.add(found);
                }
                word.setLength(0);
            }
        }
        return words;
    }

    /** American Soundex: a letter and three digits. */
    static String soundex(String word) {
        StringBuilder code = new StringBuilder(4);
        char last = '0';
        for (int i = 0; i < word.length() && code.length() < 4; i++) {
            char letter = Character.toUpperCase(word.charAt(i));
            if (letter < 'A' || letter > 'Z') {
                continue;
            }
            char digit = SOUNDEX.charAt(letter - 'A');
            if (code.length() == 0) {
                code.append(letter);
            } else if (digit != '0' && digit != last) {
                code.append(digit);
            }
            if (letter != 'H' && letter != 'W') {
                last = digit;
            }
        }
        return (code + "000").substring(0, 4);
    }

    /** The word without a common English ending; simpler than Porter's algorithm. */
    static String stem(String word) {
        for (String ending : ENDINGS) {
            if (word.length() >= ending.length() + 3 && word.endsWith(ending)) {
                return word.substring(0, word.length() - ending.length());
            }
        }
        return word;
    }
}
