/** What scenarios stand on: servers, databases and roles, running replicators, writers, and the comparison of databases. */
@org.jspecify.annotations.NullMarked
package dev.replicator.it.harness;
