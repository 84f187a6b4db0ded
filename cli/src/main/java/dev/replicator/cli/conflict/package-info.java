/** Which policy decides the conflicts of which table, checked against the tables; and what is done with past decisions. */
@NullMarked
package dev.replicator.cli.conflict;

import org.jspecify.annotations.NullMarked;
