/** Connections to PostgreSQL that mean the same on every server, and what their failures mean. */
@NullMarked
package dev.replicator.session;

import org.jspecify.annotations.NullMarked;
