package dev.replicator.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.cli.status.SlotWatch.SlotHistory;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SlotHistoryTest {
    private static final Instant START = Instant.parse("2026-11-24T12:00:00Z");

    private final SlotHistory history = new SlotHistory();

    @Test
    void growthIsForecast() {
        history.add(START, 1000, 0);
        history.add(START.plusSeconds(100), 1000, 100);

        assertThat(history.fullIn(1000)).isEqualTo(Duration.ofSeconds(900));
    }

    @Test
    void nothingIsForecastTooSoonOrWhenTheSlotMoves() {
        history.add(START, 1000, 0);
        history.add(START.plusSeconds(10), 1000, 100);
        assertThat(history.fullIn(1000)).isNull();

        history.add(START.plusSeconds(100), 1100, 200);
        assertThat(history.fullIn(1000)).isNull();
    }

    @Test
    void budgetThatIsSpentIsNotForecastAgain() {
        history.add(START, 1000, 500);
        history.add(START.plusSeconds(100), 1000, 1000);

        assertThat(history.fullIn(1000)).isNull();
    }

    @Test
    void ageIsHowLongAgoTheLogEndedWhereTheSlotStarts() {
        history.add(START, 1000, 0);
        history.add(START.plusSeconds(60), 1000, 500);
        assertThat(history.age()).isEqualTo(Duration.ofSeconds(60));

        history.add(START.plusSeconds(90), 1500, 200);
        assertThat(history.age()).isEqualTo(Duration.ofSeconds(30));

        history.add(START.plusSeconds(100), 1700, 0);
        assertThat(history.age()).isEqualTo(Duration.ZERO);
    }
}
