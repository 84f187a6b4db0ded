package dev.replicator.cli.command;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;

/**
 * A name at the beginning of a word of the command line: as it stands up to a separator, or in double quotes, where two
 * stand for one. Capitals count.
 *
 * @param name the name, without quotes
 * @param rest what follows it, separator included; may be empty
 */
record TypedName(String name, String rest) {
    static TypedName of(String word, char separator) {
        if (!word.startsWith("\"")) {
            int end = word.indexOf(separator);
            return end < 0 ? new TypedName(word, "") : new TypedName(word.substring(0, end), word.substring(end));
        }
        StringBuilder name = new StringBuilder();
        int at = 1;
        while (at < word.length()) {
            char c = word.charAt(at++);
            if (c != '"') {
                name.append(c);
            } else if (at < word.length() && word.charAt(at) == '"') {
                name.append('"');
                at++;
            } else {
                return new TypedName(name.toString(), word.substring(at));
            }
        }
        throw ReplicatorException.fatal(
                ErrorCode.USAGE, "the quotation mark in " + word + " is not closed", null, null);
    }

    /** {@code schema.name}, or a name in schema public. */
    static TableName table(String word) {
        TypedName first = of(word, '.');
        if (first.rest().isEmpty()) {
            return new TableName("public", first.name());
        }
        String second = first.rest().substring(1);
        return new TableName(
                first.name(), second.startsWith("\"") ? of(second, '.').name() : second);
    }
}
