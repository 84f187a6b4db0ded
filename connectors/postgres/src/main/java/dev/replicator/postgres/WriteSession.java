package dev.replicator.postgres;

import java.sql.Connection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a session that holds the fence writes with.
 *
 * @param connection in auto-commit mode: transactions are begun and committed by SQL
 * @param sync name of the sync
 * @param database short name of the database
 * @param sources names of the sync's sources, in order
 * @param shapes the tables and what can be written to them
 * @param origin the replication origin
 * @param progress the progress row
 * @param marks on masters, else null
 * @param quarantine what the database has refused, and the rules for that
 * @param orphans rows whose parents batches delete
 * @param fence the session's fence number
 */
record WriteSession(
        Connection connection,
        String sync,
        String database,
        List<String> sources,
        Shapes shapes,
        Origin origin,
        Progress progress,
        @Nullable Marks marks,
        Quarantine quarantine,
        Orphans orphans,
        long fence) {}
