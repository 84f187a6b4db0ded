package dev.replicator.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.bson.BsonDocument;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.Test;

final class JsonValuesTest {
    private static BsonValue parsed(String text) {
        try {
            return JsonValues.parse(text);
        } catch (JsonValues.NotInBson e) {
            throw new AssertionError(text, e);
        }
    }

    @Test
    void jsonBecomesDocumentsWithExactNumbers() {
        assertThat(parsed(
                        "{\"a\": [1, 2147483648, 1.50, 1e3, -0.1], \"b\": {\"$c\": true, \"d.e\": null}, \"\": \"\"}"))
                .isEqualTo(new BsonDocument(
                                "a",
                                BsonDocument.parse("{a: [1, {$numberLong: '2147483648'}, {$numberDecimal: '1.50'},"
                                                + " {$numberDecimal: '1E+3'}, {$numberDecimal: '-0.1'}]}")
                                        .get("a"))
                        .append("b", new BsonDocument("$c", org.bson.BsonBoolean.TRUE).append("d.e", BsonNull.VALUE))
                        .append("", new BsonString("")));
        assertThat(parsed("9223372036854775808"))
                .isEqualTo(BsonDocument.parse("{v: {$numberDecimal: '9223372036854775808'}}")
                        .get("v"));
        assertThat(parsed("null")).isEqualTo(BsonNull.VALUE);
        assertThat(parsed("\"\\ud834\\udd1e \\u0000\"")).isEqualTo(new BsonString("\ud834\udd1e \0"));
    }

    @Test
    void ofMembersWithOneNameTheLastCounts() {
        assertThat(parsed("{\"a\": 1, \"a\": 2}")).isEqualTo(BsonDocument.parse("{a: 2}"));
    }

    @Test
    void whatBsonHasNoFormForIsRefused() {
        for (String text : new String[] {
            "1234567890123456789012345678901234.5",
            "{\"a\\u0000\": 1}",
            "\"\\ud834\"",
            "\"\\udd1e\\ud834\"",
            "[".repeat(97) + "]".repeat(97)
        }) {
            assertThatThrownBy(() -> JsonValues.parse(text)).as(text).isInstanceOf(JsonValues.NotInBson.class);
        }
        assertThat(parsed("[".repeat(96) + "]".repeat(96)).isArray()).isTrue();
    }
}
