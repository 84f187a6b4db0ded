package dev.replicator.copy;

import dev.replicator.model.TableName;
import dev.replicator.session.SqlErrors;
import dev.replicator.spi.CopyRange;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a range of a table comes to, computed by the server: equal on two databases if the rows of the range are equal.
 *
 * @param rows how many there are
 * @param hash of all values as text, in no order
 */
record Checksum(long rows, long hash) {
    static Checksum of(Connection connection, SourceTable table, CopyRange range) {
        String sql = "SELECT count(*), coalesce(bit_xor(" + rowHash(table) + "), 0)" + table.from(range);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return new Checksum(row.getLong(1), row.getLong(2));
        } catch (SQLException e) {
            throw SqlErrors.doing("compute a checksum of table " + table.table().name(), e);
        }
    }

    /** SQL for a hash of one row; values as text, which sessions of ours have alike on every server. */
    static String rowHash(SourceTable table) {
        List<String> columns = table.columns().stream()
                .map(column -> TableName.quote(column.name()))
                .toList();
        return "hashtextextended(ROW("
                + columns.stream().map(column -> column + "::text").collect(Collectors.joining(", ")) + ")::text, 0)";
    }
}
