package dev.replicator.pipeline;

/** Which database of which sync a thread serves. */
record Place(String sync, String database, int node) {}
