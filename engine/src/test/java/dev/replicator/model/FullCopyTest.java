package dev.replicator.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.replicator.model.FullCopy.Timetable;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class FullCopyTest {
    private static final Instant BEGUN = Instant.parse("2026-03-28T12:00:00Z");
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    @Test
    void intervalsCountFromTheEndOfTheLastOneAndBeginAtOnce() {
        Timetable hourly = new Timetable(Duration.ofHours(1), null);

        assertThat(hourly.next(null, BEGUN, ZONE)).contains(BEGUN);
        assertThat(hourly.next(BEGUN.plusSeconds(10), BEGUN, ZONE)).contains(BEGUN.plusSeconds(3610));
    }

    @Test
    void dailyTimesAreThoseOfTheZoneAndOneThatWasMissedIsMadeUpFor() {
        Timetable daily = new Timetable(null, LocalTime.of(3, 30));

        assertThat(daily.next(null, BEGUN, ZONE)).contains(Instant.parse("2026-03-29T01:30:00Z"));
        assertThat(daily.next(Instant.parse("2026-03-20T02:30:00Z"), BEGUN, ZONE))
                .contains(Instant.parse("2026-03-21T02:30:00Z"));
        // In the night when clocks go forward 02:30 does not exist.
        assertThat(new Timetable(null, LocalTime.of(2, 30)).next(BEGUN, BEGUN, ZONE))
                .contains(Instant.parse("2026-03-29T01:30:00Z"));
    }

    @Test
    void withoutATimetableNothingIsDue() {
        assertThat(Timetable.NEVER.next(null, BEGUN, ZONE)).isEmpty();
    }
}
