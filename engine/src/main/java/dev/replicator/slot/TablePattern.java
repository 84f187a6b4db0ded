package dev.replicator.slot;

import dev.replicator.error.ErrorCode;
import dev.replicator.error.ReplicatorException;
import dev.replicator.model.TableName;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a sync's table list: {@code public.stock}, {@code public.*}, {@code "Odd.Schema"."a*b"}, {@code stock}
 * (in schema public). Names stand exactly as in the catalog, capitals included; {@code *} is any run of characters and
 * {@code ?} any one, except within double quotes.
 */
public final class TablePattern {
    private final String text;
    private final Pattern schema;
    private final Pattern name;
    private final boolean exact;
    private final String schemaLike;
    private final String nameLike;
    private final @Nullable TableName plain;
    private final boolean hasSchema;

    private TablePattern(String text, @Nullable Part given, Part name) {
        Part schema = given == null ? new Part("public", "public", "public", true, 0) : given;
        this.hasSchema = given != null;
        this.plain = schema.exact && name.exact ? new TableName(schema.plain, name.plain) : null;
        this.text = text;
        this.schemaLike = schema.like;
        this.nameLike = name.like;
        this.schema = Pattern.compile(schema.regex, Pattern.DOTALL);
        this.name = Pattern.compile(name.regex, Pattern.DOTALL);
        this.exact = schema.exact && name.exact;
    }

    private record Part(String regex, String like, String plain, boolean exact, int end) {}

    /** Reads an entry; throws CONFIGURATION when it is not one. */
    public static TablePattern parse(String text) {
        Part first = part(text, 0);
        if (first.end == text.length()) {
            return new TablePattern(text, null, first);
        }
        Part second = part(text, first.end + 1);
        if (second.end != text.length()) {
            throw bad(text, "It has more than one dot outside of double quotes.");
        }
        return new TablePattern(text, first, second);
    }

    private static Part part(String text, int start) {
        StringBuilder regex = new StringBuilder();
        StringBuilder like = new StringBuilder();
        StringBuilder plain = new StringBuilder();
        boolean exact = true;
        boolean quoted = false;
        int i = start;
        for (; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    regex.append("\"");
                    like.append('"');
                    plain.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (!quoted && c == '.') {
                break;
            } else if (!quoted && (c == '*' || c == '?')) {
                regex.append(c == '*' ? ".*" : ".");
                like.append(c == '*' ? '%' : '_');
                exact = false;
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
                like.append("%_\\".indexOf(c) < 0 ? "" : "\\").append(c);
                plain.append(c);
            }
        }
        if (quoted) {
            throw bad(text, "A double quote is not closed.");
        }
        if (regex.isEmpty()) {
            throw bad(text, "A name is empty.");
        }
        return new Part(regex.toString(), like.toString(), plain.toString(), exact, i);
    }

    private static ReplicatorException bad(String text, String why) {
        return ReplicatorException.fatal(
                ErrorCode.CONFIGURATION,
                "cannot read the table name '" + text + "'",
                why,
                "Write schema.table or schema.*, with double quotes around a name that holds dots, quotes or stars.");
    }

    /** Whether a name matches one of these entries. */
    public static Predicate<TableName> any(List<String> entries) {
        List<TablePattern> patterns = entries.stream().map(TablePattern::parse).toList();
        return name -> patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    public boolean matches(TableName table) {
        return schema.matcher(table.schema()).matches()
                && name.matcher(table.name()).matches();
    }

    /** The schema as a pattern of SQL's LIKE. */
    String schemaLike() {
        return schemaLike;
    }

    /** The name as a pattern of SQL's LIKE. */
    String nameLike() {
        return nameLike;
    }

    /** Whether it names one table, so that not to find it is a mistake. */
    public boolean isExact() {
        return exact;
    }

    /** The table, if it names one. */
    public Optional<TableName> name() {
        return Optional.ofNullable(plain);
    }

    /** Whether it names the schema, too. */
    public boolean hasSchema() {
        return hasSchema;
    }

    @Override
    public String toString() {
        return text;
    }
}
