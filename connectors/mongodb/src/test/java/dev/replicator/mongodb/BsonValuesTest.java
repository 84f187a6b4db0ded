package dev.replicator.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.replicator.codec.RowReader;
import dev.replicator.model.Row;
import dev.replicator.mongodb.MongoOptions.Times;
import java.math.BigDecimal;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDecimal128;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.junit.jupiter.api.Test;

final class BsonValuesTest {
    private static BsonValue value(Times times, String unrepresentable, String type, String text) {
        Row row = new Rows(1, "id int4", "v " + type).row("1", text);
        return new BsonValues(times, unrepresentable).of(RowReader.of(row.relation(), null), row, 1);
    }

    private static BsonValue value(String type, String text) {
        return value(Times.DATE, "stop", type, text);
    }

    private static void assertRefused(String type, String text) {
        assertThatThrownBy(() -> value(type, text))
                .as("%s %s", type, text)
                .isInstanceOf(BsonValues.Unrepresentable.class)
                .hasMessage("v");
    }

    private static BsonDecimal128 decimal(String text) {
        return new BsonDecimal128(Decimal128.parse(text));
    }

    @Test
    void numbersAreExactOrRefused() {
        String digits = "1234567890123456789012345678901234";
        assertThat(value("numeric", "1.00")).isEqualTo(decimal("1.00"));
        assertThat(value("numeric", digits)).isEqualTo(decimal(digits));
        assertThat(value("numeric", "-0." + digits)).isEqualTo(decimal("-0." + digits));
        assertThat(value("numeric", "1" + "0".repeat(6144))).isEqualTo(decimal("1E+6144"));
        assertThat(value("numeric", "0." + "0".repeat(6175) + "1")).isEqualTo(decimal("1E-6176"));
        assertThat(value("numeric", "NaN")).isEqualTo(new BsonDecimal128(Decimal128.NaN));
        assertThat(value("numeric", "-Infinity")).isEqualTo(new BsonDecimal128(Decimal128.NEGATIVE_INFINITY));
        assertRefused("numeric", digits + "5");
        assertRefused("numeric", digits + ".0");
        assertRefused("numeric", "1" + "0".repeat(6145));
        assertRefused("numeric", "0." + "0".repeat(6176) + "1");
    }

    @Test
    void whatBsonCannotHoldIsReplacedWhereThatIsWanted() {
        String digits = "1234567890123456789012345678901234";
        assertThat(value(Times.DATE, "null", "numeric", digits + "5")).isEqualTo(BsonNull.VALUE);
        assertThat(value(Times.DATE, "nearest", "numeric", digits + "1")).isEqualTo(decimal(digits + "E+1"));
        assertThat(value(Times.DATE, "nearest", "numeric", "1" + "0".repeat(6145)))
                .isEqualTo(new BsonDecimal128(Decimal128.POSITIVE_INFINITY));
        assertThat(value(Times.DATE, "nearest", "numeric", "0." + "0".repeat(7000) + "1"))
                .isEqualTo(decimal("0E-6176"));
        assertThat(value(Times.DATE, "nearest", "timestamp", "infinity")).isEqualTo(new BsonDateTime(Long.MAX_VALUE));
        assertThat(value(Times.DATE, "null", "date", "-infinity")).isEqualTo(BsonNull.VALUE);
        assertRefused("timestamptz", "infinity");
    }

    @Test
    void timesBeforeTheEpochHaveTheMillisecondsBelow() {
        assertThat(value("timestamptz", "1969-12-31 23:59:59.999999+00")).isEqualTo(new BsonDateTime(-1));
        assertThat(value("timestamp", "1970-01-01 00:00:00.001999")).isEqualTo(new BsonDateTime(1));
        assertThat(value("date", "1969-12-31")).isEqualTo(new BsonDateTime(-86_400_000));
        assertThat(value(Times.TEXT, "stop", "timestamptz", "1969-12-31 23:59:59.999999+00"))
                .isEqualTo(new BsonString("1969-12-31 23:59:59.999999+00"));
    }

    @Test
    void arraysHaveTypedElementsAndLoseNoMicroseconds() {
        assertThat(value("_int4", "{{1,NULL},{3,4}}")).isEqualTo(BsonArray.parse("[[1, null], [3, 4]]"));
        assertThat(value("_numeric", "{1.50}")).isEqualTo(BsonArray.parse("[{$numberDecimal: '1.50'}]"));
        assertThat(value("_timestamp", "{\"1970-01-01 00:00:00.001\"}"))
                .isEqualTo(BsonArray.parse("[{$date: {$numberLong: '1'}}]"));
        assertRefused("_timestamp", "{\"1970-01-01 00:00:00.001999\"}");
        assertThat(value(Times.MILLISECONDS, "stop", "_timestamp", "{\"1970-01-01 00:00:00.001999\"}"))
                .isEqualTo(BsonArray.parse("[{$date: {$numberLong: '1'}}]"));
        assertThat(value(Times.TEXT, "stop", "_timestamp", "{\"1970-01-01 00:00:00.001999\"}"))
                .isEqualTo(BsonArray.parse("['1970-01-01 00:00:00.001999']"));
    }

    @Test
    void sumsAreExactAndHaveTheTypeOfTheColumn() {
        BsonValues values = new BsonValues(Times.DATE, "stop");
        assertThat(values.sum("v", new BsonInt32(7), new BsonInt32(-9))).isEqualTo(new BsonInt32(-2));
        assertThat(values.sum("v", new BsonInt32(7), new BsonInt64(1))).isEqualTo(new BsonInt64(8));
        assertThat(values.sum("v", decimal("0.10"), decimal("0.205"))).isEqualTo(decimal("0.305"));
        assertThat(values.sum("v", decimal("-0"), decimal("1"))).isEqualTo(decimal("1"));
        assertThat(values.sum("v", BsonNull.VALUE, new BsonInt32(1))).isEqualTo(BsonNull.VALUE);
        assertThat(values.sum("v", decimal("NaN"), decimal("1"))).isEqualTo(decimal("NaN"));
        assertThatThrownBy(() -> values.sum("v", new BsonInt32(Integer.MAX_VALUE), new BsonInt32(1)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> values.sum("v", new BsonInt64(Long.MAX_VALUE), new BsonInt64(1)))
                .isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> values.sum("v", decimal("9".repeat(34)), decimal("0.1")))
                .isInstanceOf(BsonValues.Unrepresentable.class);
    }

    @Test
    void keysAreComparedAsMongoDbComparesThem() {
        Object one = PageWriter.comparable(new BsonInt32(1));
        assertThat(PageWriter.comparable(new BsonInt64(1))).isEqualTo(one);
        assertThat(PageWriter.comparable(decimal("1.00"))).isEqualTo(one);
        assertThat(PageWriter.comparable(new BsonDouble(1))).isEqualTo(one);
        assertThat(PageWriter.comparable(new BsonString("1"))).isNotEqualTo(one);
        assertThat(PageWriter.comparable(new BsonDouble(-0.0))).isEqualTo(BigDecimal.ZERO);
        assertThat(PageWriter.comparable(decimal("-0"))).isEqualTo(BigDecimal.ZERO);
        assertThat(PageWriter.comparable(decimal("NaN"))).isEqualTo(PageWriter.comparable(new BsonDouble(Double.NaN)));
    }
}
