package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.benchmarks.start.AnswerTimes;
import dev.fedtiny.benchmarks.start.StartingJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartCommandTest {
    /** A small network, so that a thousand answers take no time. */
    @Test
    void everyKindOfJvmAnswers() throws IOException {
        for (StartingJvm jvm : StartingJvm.usual(List.of("-XX:TieredStopAtLevel=4"))) {
            AnswerTimes times = jvm.run(List.of("cnn-8-8-8", "8", "0.5"));
            assertEquals(1000, times.millis().length);
            double[] medians = AnswerTimes.medians(List.of(times));
            assertEquals(AnswerTimes.titles().length, medians.length);
            assertEquals(times.millis()[0], medians[0]);
            assertTrue(times.start() > times.millis()[0], jvm.name() + ": the first answer came " + times.start() + " ms after the start");
        }
    }
}
