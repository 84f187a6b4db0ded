/** Sessions and the meaning of their failures, on real servers. */
@NullMarked
package dev.replicator.session;

import org.jspecify.annotations.NullMarked;
