/** What the correctness of this program takes for granted about PostgreSQL, shown on real servers without the program. */
@org.jspecify.annotations.NullMarked
package dev.replicator.it.facts;
