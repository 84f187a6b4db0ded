package dev.replicator.mongodb;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * JSON as BSON, every number exact: whole ones are int32 or int64 where they fit, all others Decimal128. Of several members
 * of one name, which only {@code json} can have, the last counts, as for PostgreSQL's {@code ->}. Any thread.
 */
final class JsonValues {
    /** Short of MongoDB's 100 levels by what stands around it. */
    private static final int DEPTH_LIMIT = 95;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonValues() {}

    /** A number with too many digits, a name with a NUL, half of a surrogate pair, or too deep. */
    static final class NotInBson extends Exception {
        private static final long serialVersionUID = 1;
    }

    static BsonValue parse(String text) throws NotInBson {
        try (JsonParser parser = FACTORY.createParser(text)) {
            parser.nextToken();
            return value(parser, 0);
        } catch (IOException e) {
            // PostgreSQL has checked it: it is beyond a limit of the parser.
            throw new NotInBson();
        }
    }

    private static BsonValue value(JsonParser parser, int depth) throws IOException, NotInBson {
        if (depth > DEPTH_LIMIT) {
            throw new NotInBson();
        }
        return switch (parser.currentToken()) {
            case VALUE_NULL -> BsonNull.VALUE;
            case VALUE_TRUE -> BsonBoolean.TRUE;
            case VALUE_FALSE -> BsonBoolean.FALSE;
            case VALUE_STRING -> new BsonString(text(parser.getText()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getText());
            case START_ARRAY -> {
                BsonArray array = new BsonArray();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser, depth + 1));
                }
                yield array;
            }
            case START_OBJECT -> {
                BsonDocument document = new BsonDocument();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = text(parser.currentName());
                    if (name.indexOf('\0') >= 0) {
                        throw new NotInBson();
                    }
                    parser.nextToken();
                    document.put(name, value(parser, depth + 1));
                }
                yield document;
            }
            default -> throw new NotInBson();
        };
    }

    /** {@code json} may name half of a surrogate pair, which no UTF-8 has. */
    private static String text(String text) throws NotInBson {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && Character.charCount(text.codePointAt(i++)) == 1) {
                throw new NotInBson();
            }
        }
        return text;
    }

    private static BsonValue number(String text) throws NotInBson {
        BigDecimal number = new BigDecimal(text);
        if (text.matches("-?[0-9]+")) {
            BigInteger whole = number.toBigInteger();
            if (whole.bitLength() < Integer.SIZE) {
                return new BsonInt32(whole.intValue());
            }
            if (whole.bitLength() < Long.SIZE) {
                return new BsonInt64(whole.longValue());
            }
        }
        if (!BsonValues.fits(number)) {
            throw new NotInBson();
        }
        return BsonValues.decimal(number);
    }
}
