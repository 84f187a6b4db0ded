package dev.replicator.opensearch;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Row;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The {@code _id} of a row's document: the values of its key in PostgreSQL's text form, joined by colons.
 *
 * <p>Unambiguous: in values, colons and percent signs are written as {@code %3A} and {@code %25}; a key that is one empty
 * text is {@code %}. Equal keys have one form: numeric without trailing zeros, char(n) without trailing blanks. What would
 * be longer than the server's 512 bytes is {@code %sha256:} and the SHA-256 of it, 64 hexadecimal digits. Any thread.
 */
final class DocumentIds {
    private static final int LONGEST = 512;

    private DocumentIds() {}

    /** {@code row}: carries at least the key columns. */
    static String of(RowReader reader, Row row) {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < row.relation().keySize(); i++) {
            id.append(i == 0 ? "" : ":")
                    .append(escape(value(reader, row, row.relation().keyColumn(i))));
        }
        byte[] utf8 = id.toString().getBytes(StandardCharsets.UTF_8);
        return utf8.length == 0 ? "%" : utf8.length > LONGEST ? "%sha256:" + digest(utf8) : id.toString();
    }

    static String escape(String value) {
        return value.replace("%", "%25").replace(":", "%3A");
    }

    private static String digest(byte[] utf8) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
        } catch (NoSuchAlgorithmException e) {
            // Every Java has it.
            throw new IllegalStateException(e);
        }
    }

    private static String value(RowReader reader, Row row, int column) {
        String text = reader.text(row, column);
        return switch (reader.type(column).type()) {
            case NUMERIC -> text.matches("-?[0-9.]+") ? plain(new BigDecimal(text)) : text;
            case FLOAT4, FLOAT8 -> text.equals("-0") ? "0" : text;
            case BPCHAR -> text.replaceFirst(" +$", "");
            default -> text;
        };
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }
}
