package dev.fedtiny.method;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.train.LearningRateSchedule;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoundScheduleTest {
    /** Products of what people write, also where double precision makes them a little more. */
    @ParameterizedTest
    @CsvSource({"1, 10, 10", "1.1, 50, 55", "1.1, 100, 110", "1.3, 10, 13", "1.25, 10, 13", "1.001, 10, 11"})
    void asksAsManyAsWritten(double overSelection, int participants, int asked) {
        assertEquals(asked, new RoundSchedule(1, participants, new LearningRateSchedule.Constant(0.1), overSelection, Optional.empty(),
                Optional.empty()).asked());
    }
}
