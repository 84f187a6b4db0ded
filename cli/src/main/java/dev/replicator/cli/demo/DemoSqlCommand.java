package dev.replicator.cli.demo;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code replicator demo sql shake1 "..."}: runs SQL in a database of the running demo and prints what psql would. */
@Command(
        name = "sql",
        description = "Runs SQL in a database of the running demo, for machines without psql.",
        mixinStandardHelpOptions = true)
public final class DemoSqlCommand implements Callable<Integer> {
    private static final int WIDEST = 60;

    @Parameters(index = "0", paramLabel = "DATABASE", description = "shake1, shake2 or shake3")
    private String database = "";

    @Parameters(index = "1", paramLabel = "SQL", description = "One or more statements.")
    private String sql = "";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException {
        String url = RunningDemo.find(RunningDemo.directory()).url(database);
        PrintWriter out = spec.commandLine().getOut();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            print(out, statement);
        } catch (SQLException e) {
            throw failure(e);
        } finally {
            out.flush();
        }
        return 0;
    }

    private void print(PrintWriter out, Statement statement) throws SQLException {
        boolean isResult = statement.execute(sql);
        while (isResult || statement.getUpdateCount() != -1) {
            if (isResult) {
                try (ResultSet result = statement.getResultSet()) {
                    TextTable table = TextTable.of(result, WIDEST);
                    table.lines().forEach(out::println);
                    out.println("(" + rows(table.size()) + ")");
                }
            } else {
                out.println(rows(statement.getUpdateCount()) + " changed");
            }
            isResult = statement.getMoreResults();
        }
    }

    private static String rows(int count) {
        return count == 1 ? "1 row" : count + " rows";
    }

    private ReplicatorException failure(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException postgres ? postgres.getServerErrorMessage() : null;
        boolean connected = server != null;
        String primary = server != null && server.getMessage() != null ? server.getMessage() : e.getMessage();
        return new ReplicatorException(
                        ReplicatorException.Kind.FATAL,
                        ErrorCode.DEMO,
                        String.valueOf(primary),
                        server == null ? null : server.getDetail(),
                        connected && server != null ? server.getHint() : "Is the demo still running?",
                        e)
                .within("database \"" + database + "\" of the demo");
    }
}
