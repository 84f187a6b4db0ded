/** Events of the flow, and what is made of them: logs, metrics and status are listeners of the same events. */
@NullMarked
package dev.replicator.observe;

import org.jspecify.annotations.NullMarked;
