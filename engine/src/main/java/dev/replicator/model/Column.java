package dev.replicator.model;

/**
 * A column as one source's stream describes it.
 *
 * @param name the catalog name
 * @param typeOid the type's object identifier on that source
 * @param type the type's name for use in SQL ({@code int4}, {@code public."Mood"}), without a modifier
 * @param typmod the type modifier, or -1
 */
public record Column(String name, int typeOid, String type, int typmod) {}
