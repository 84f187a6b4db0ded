package dev.replicator.cli.demo;

/** What an administrator grants to the role that replicates. */
final class DemoGrants {
    private static final String[] ORIGIN_FUNCTIONS = {
        "pg_replication_origin_create(text)",
        "pg_replication_origin_drop(text)",
        "pg_replication_origin_oid(text)",
        "pg_replication_origin_progress(text, boolean)",
        "pg_replication_origin_session_is_setup()",
        "pg_replication_origin_session_progress(boolean)",
        "pg_replication_origin_session_reset()",
        "pg_replication_origin_session_setup(text)",
        "pg_replication_origin_xact_reset()",
        "pg_replication_origin_xact_setup(pg_lsn, timestamp with time zone)",
        "pg_show_replication_origin_status()"
    };

    private DemoGrants() {}

    static void apply(Stage stage) {
        StringBuilder script = new StringBuilder();
        script.append("ALTER ROLE ").append(Stage.REPLICATOR).append(" REPLICATION;\n");
        script.append("GRANT ")
                .append(Stage.OWNER)
                .append(" TO ")
                .append(Stage.REPLICATOR)
                .append(";\n");
        script.append("GRANT SET ON PARAMETER session_replication_role TO ")
                .append(Stage.REPLICATOR)
                .append(";\n");
        for (String function : ORIGIN_FUNCTIONS) {
            script.append("DO $$ BEGIN GRANT EXECUTE ON FUNCTION pg_catalog.")
                    .append(function)
                    .append(" TO ")
                    .append(Stage.REPLICATOR)
                    .append("; EXCEPTION WHEN undefined_function THEN NULL; END $$;\n");
        }
        script.append("DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ")
                .append(Stage.REPLICATOR)
                .append("', current_database()); END $$;\n");
        stage.grant(script.toString());
    }
}
