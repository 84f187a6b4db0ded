package dev.replicator.model;

/** A table's schema and name exactly as they stand in the catalog (never folded, never quoted). */
public record TableName(String schema, String name) implements Comparable<TableName> {

    /** The name as SQL text, always quoted, so that capitals, spaces and quotes are safe. */
    public String quoted() {
        return quote(schema) + "." + quote(name);
    }

    /** One identifier as SQL text, always quoted. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    @Override
    public int compareTo(TableName other) {
        int bySchema = schema.compareTo(other.schema);
        return bySchema != 0 ? bySchema : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
