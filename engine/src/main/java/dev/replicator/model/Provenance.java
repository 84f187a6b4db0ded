package dev.replicator.model;

/**
 * Which source transactions a batch's changes were made in: for reports, and for what is put aside. Asked only when a change
 * is refused; it searches. Thread: that of the batch's writer.
 */
public interface Provenance {
    /** Nothing is known. */
    Provenance UNKNOWN = new Provenance() {
        @Override
        public String transactions(Key key) {
            return "";
        }

        @Override
        public long commitMicros(Key key) {
            return 0;
        }
    };

    /** The transactions that changed a key, in words. */
    String transactions(Key key);

    /** When the last of them was committed, microseconds since 1970 by its source's clock; 0: unknown. */
    long commitMicros(Key key);
}
