package dev.replicator.it.facts;

import dev.replicator.it.harness.Server;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A slot of one database, read by SQL and taken apart just as far as the facts need: the type of each message, and the words
 * in it that tests wrote, which begin with {@code #}. Thread: that of the test.
 */
final class LogicalLog {
    private static final Pattern WORD = Pattern.compile("#[a-z0-9.-]+");
    private static final String ROWS = "IUD";
    /** Of a logical message: type, flags, position. */
    private static final int MESSAGE_HEADER = 10;

    private final Server server;
    private final String database;

    /** One message: its type's letter in the protocol, and the words in it, in order. */
    record Message(char type, List<String> words) {
        @Override
        public String toString() {
            return words.isEmpty() ? String.valueOf(type) : type + " " + String.join(" ", words);
        }
    }

    private LogicalLog(Server server, String database) {
        this.server = server;
        this.database = database;
    }

    /** Creates the database, with a publication of this table, and the slot. */
    static LogicalLog create(Server server, String database, String table) {
        server.createDatabase(database);
        server.execute(database, table);
        server.execute(database, "CREATE PUBLICATION pub FOR TABLE t");
        server.execute(database, "SELECT pg_create_logical_replication_slot('" + slot(database) + "', 'pgoutput')");
        return new LogicalLog(server, database);
    }

    static String slot(String database) {
        return database + "_slot";
    }

    /** All messages so far, without those that describe tables; {@code options} as for {@code START_REPLICATION}. */
    List<Message> read(String options) throws SQLException {
        List<Message> messages = new ArrayList<>();
        try (Connection connection = server.connect(database);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(("SELECT data FROM pg_logical_slot_peek_binary_changes('%s',"
                                + " NULL, NULL, 'proto_version', '1', 'publication_names', 'pub', 'messages', 'true'%s)")
                        .formatted(slot(database), options))) {
            while (rows.next()) {
                Message message = message(rows.getBytes(1));
                if (message.type() != 'R' && message.type() != 'Y') {
                    messages.add(message);
                }
            }
        }
        return messages;
    }

    static Message message(byte[] data) {
        String text = new String(data, StandardCharsets.ISO_8859_1);
        char type = text.charAt(0);
        if (ROWS.indexOf(type) < 0 && type != 'M') {
            return new Message(type, List.of());
        }
        String words = text.substring(type == 'M' ? MESSAGE_HEADER : 1);
        return new Message(
                type, WORD.matcher(words).results().map(MatchResult::group).toList());
    }
}
