package dev.replicator.codec;

/** A numeric, date or timestamp that is no number, or no moment. */
public enum SpecialValue {
    NAN,
    INFINITY,
    NEGATIVE_INFINITY
}
