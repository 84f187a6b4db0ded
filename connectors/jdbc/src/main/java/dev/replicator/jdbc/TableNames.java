package dev.replicator.jdbc;

import dev.replicator.model.TableName;

/** What a table of the source is called there: a template with {@code {schema}} and {@code {table}}. */
record TableNames(String template) {
    /** Whether a template names the table. */
    static boolean isRight(String template) {
        return template.contains("{table}");
    }

    String of(TableName table) {
        int at = template.indexOf("{table}");
        String before = template.substring(0, at).replace("{schema}", table.schema());
        String after = template.substring(at + "{table}".length()).replace("{schema}", table.schema());
        return before + table.name() + after;
    }
}
