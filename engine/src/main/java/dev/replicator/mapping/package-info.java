/** What a database that only receives is given of the tables: other names, some columns, some rows, some operations. */
@NullMarked
package dev.replicator.mapping;

import org.jspecify.annotations.NullMarked;
