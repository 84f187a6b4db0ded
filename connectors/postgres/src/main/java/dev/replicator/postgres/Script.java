package dev.replicator.postgres;

import java.util.ArrayList;
import java.util.List;

/** Statements that go to the server together, in one round trip, and one answer for each. Reusable after clear. */
final class Script {
    private final StringBuilder sql = new StringBuilder(512);
    private final List<Parameter> parameters = new ArrayList<>();
    private int statements;
    private long bytes;

    /** Appends a statement with a question mark for each parameter; returns its number, from 0. */
    int add(String statement, Parameter... values) {
        return add(statement, List.of(values));
    }

    int add(String statement, List<Parameter> values) {
        if (statements > 0) {
            sql.append(";\n");
        }
        sql.append(statement);
        for (Parameter value : values) {
            parameters.add(value);
            bytes += value.size();
        }
        return statements++;
    }

    String sql() {
        return sql.toString();
    }

    List<Parameter> parameters() {
        return parameters;
    }

    int statements() {
        return statements;
    }

    boolean isEmpty() {
        return statements == 0;
    }

    /** Bytes of the parameters. */
    long bytes() {
        return bytes;
    }

    void clear() {
        sql.setLength(0);
        parameters.clear();
        statements = 0;
        bytes = 0;
    }
}
