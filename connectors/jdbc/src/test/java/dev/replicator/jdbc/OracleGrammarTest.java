package dev.replicator.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.codec.ColumnType;
import dev.replicator.jdbc.TargetColumn.Form;
import dev.replicator.model.Table;
import dev.replicator.model.TableName;
import dev.replicator.model.TableSchema;
import dev.replicator.model.TableSchema.SourceColumn;
import io.debezium.ddl.parser.oracle.generated.PlSqlLexer;
import io.debezium.ddl.parser.oracle.generated.PlSqlParser;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.junit.jupiter.api.Test;

/** Oracle's statements, by a grammar of PL/SQL: no Oracle server can be had here. */
final class OracleGrammarTest {
    private final OracleDialect oracle = new OracleDialect();
    private final Table table =
            new Table(0, new TableName("public", "Odd \"Table\""), List.of("id", "the key"), List.of("int8", "text"));

    private static List<String> problems(String sql) {
        List<String> problems = new ArrayList<>();
        BaseErrorListener listener = new BaseErrorListener() {
            @Override
            public void syntaxError(
                    Recognizer<?, ?> recognizer,
                    Object symbol,
                    int line,
                    int column,
                    String message,
                    RecognitionException e) {
                problems.add(message + " at " + column + " of " + sql);
            }
        };
        PlSqlLexer lexer = new PlSqlLexer(CharStreams.fromString(sql));
        lexer.removeErrorListeners();
        lexer.addErrorListener(listener);
        PlSqlParser parser = new PlSqlParser(new CommonTokenStream(lexer));
        parser.removeErrorListeners();
        parser.addErrorListener(listener);
        parser.sql_script();
        return problems;
    }

    private static SourceColumn column(String name, String type, int typmod) {
        return new SourceColumn(name, type, typmod, type, false, List.of());
    }

    private TableSchema schema() {
        List<SourceColumn> columns = new ArrayList<>();
        columns.add(column("id", "int8", -1));
        columns.add(column("the key", "text", -1));
        for (String type : List.of(
                "bool",
                "int2",
                "int4",
                "oid",
                "float4",
                "float8",
                "numeric",
                "text",
                "bytea",
                "uuid",
                "json",
                "date",
                "time",
                "timetz",
                "timestamp",
                "timestamptz",
                "interval",
                "enum",
                "_int4",
                "inet")) {
            columns.add(column("c " + type, type, -1));
        }
        columns.add(column("price", "numeric", (10 << 16 | 2) + 4));
        columns.add(column("code", "varchar", 24));
        return new TableSchema(table, columns);
    }

    private TargetTable target(Map<String, Form> forms) {
        Map<String, TargetColumn> columns = new HashMap<>();
        forms.forEach(
                (name, form) -> columns.put(name, new TargetColumn(name, form, Types.VARCHAR, "VARCHAR2", 0, 0, true)));
        return new TargetTable(
                table, table.name().name(), oracle.quote(table.name().name()), columns, false, true, List.of());
    }

    @Test
    void theGrammarTellsRightFromWrong() {
        assertThat(problems("SELECT 1 FROM DUAL")).isEmpty();
        assertThat(problems("MERGE INTO t USING SELECT 1 FROM DUAL s ON WHEN MATCHED"))
                .isNotEmpty();
        assertThat(problems("CREATE TABLE t (a NUMBER(1)")).isNotEmpty();
    }

    @Test
    void tablesAndColumnsAreMade() {
        Ddl ddl = new Ddl(oracle, new TableNames("{table}"));

        assertThat(problems(ddl.create(schema()) + ";")).isEmpty();
        for (SourceColumn column : schema().columns()) {
            assertThat(problems(ddl.add(target(Map.of()), ColumnType.of(column)) + ";"))
                    .isEmpty();
        }
    }

    @Test
    void rowsAreMergedInsertedAndDeleted() {
        Map<String, Form> forms = new HashMap<>(Map.of("id", Form.DECIMAL, "the key", Form.TEXT));
        for (Form form : Form.values()) {
            forms.put("c" + form, form);
        }
        List<String> columns = List.copyOf(forms.keySet());
        TargetTable target = target(forms);

        assertThat(problems(oracle.upsert(target, columns, 1) + ";")).isEmpty();
        assertThat(problems(oracle.upsert(target, List.of("id", "the key"), 1) + ";"))
                .isEmpty();
        assertThat(problems(oracle.insert(target, columns, 1) + ";")).isEmpty();
        assertThat(problems(
                        "SELECT \"fence\" FROM \"replicator_progress\" WHERE \"sync\" = ?" + oracle.forUpdate() + ";"))
                .isEmpty();
        assertThat(problems("DELETE FROM " + target.sqlName() + " WHERE \"id\" = ? AND \"the key\" = ?;"))
                .isEmpty();
        assertThat(problems("UPDATE " + target.sqlName() + " SET \"id\" = \"id\" + ? WHERE \"the key\" = ?;"))
                .isEmpty();
    }
}
