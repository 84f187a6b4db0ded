package dev.replicator.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({"0B,0", "512MiB,536870912", "20GiB,21474836480", "1 TiB,1099511627776", "3KiB,3072"})
    void sizesAreReadAndWrittenBack(String text, long bytes) {
        assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
        assertThat(ByteSize.parse(text)).hasToString(text.replace(" ", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "-1MiB", "1.5GiB", "20GB", "20gib", "99999999999PiB", "many"})
    void otherTextsAreNoSizes(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"500ms,PT0.5S", "60s,PT1M", "5min,PT5M", "24h,PT24H", "7d,PT168H"})
    void lengthsOfTimeAreRead(String text, Duration span) {
        assertThat(TimeSpan.parse(text)).isEqualTo(span);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "60", "-1s", "1.5h", "60m", "60S", "soon"})
    void otherTextsAreNoLengthsOfTime(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0.003S,3ms",
        "PT1.4S,1.4s",
        "PT59S,59s",
        "PT2M5S,2min 5s",
        "PT3H,3h",
        "PT3H20M,3h 20min",
        "PT97H,4d 1h",
        "PT-2S,-2s"
    })
    void lengthsOfTimeAreShownInTwoUnitsAtMost(Duration span, String text) {
        assertThat(TimeSpan.format(span)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0,0 B", "1023,1023 B", "1536,1.50 KiB", "16777216,16.0 MiB", "214748364800,200 GiB"})
    void sizesAreShownWithThreeDigits(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
    }

    @Test
    void nearestWordIsFoundOnlyWhenItIsNear() {
        assertThat(NearestWord.hint("sorces", java.util.List.of("targets", "sources")))
                .isEqualTo(", did you mean \"sources\"?");
        assertThat(NearestWord.hint("xyz", java.util.List.of("targets", "sources")))
                .isEmpty();
        assertThat(NearestWord.distance("ab", "ba")).isEqualTo(1);
    }
}
