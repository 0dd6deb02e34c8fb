package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one accuracy of a run, and how long its rounds took. */
class AccuracyWindowTest {
    @TempDir
    private Path folder;

    @Test
    void itIsTheMeanOfTheLastRoundsThatWereEvaluated() {
        AccuracyWindow three = new AccuracyWindow(3);
        assertEquals(0.5, three.of(0.9, 0.9, 0.4, 0.5, 0.6), 1e-15);
        assertEquals(0.5, three.of(0.9, 0.9, 0.4, Double.NaN, 0.5, Double.NaN, 0.6, Double.NaN), 1e-15);
        assertEquals(0.4, three.of(0.9, 0.3, 0.5), 1e-15, "of a short run all rounds, never the start");
        assertEquals(0.9, three.of(0.9), 1e-15, "the start where there is no round");
        assertTrue(Double.isNaN(three.of()) && Double.isNaN(three.of(Double.NaN, Double.NaN)));
        assertThrows(IllegalArgumentException.class, () -> new AccuracyWindow(0));
        assertEquals("mean of the last 5 rounds", AccuracyWindow.USUAL.toString());
        assertEquals("after the last round", new AccuracyWindow(1).toString());
    }

    @Test
    void aWarmUpDoesNotMoveTheRoundAndIsSaidApart() throws IOException {
        Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), """
                {"event":"init","compilationSeconds":5.5}
                {"event":"round","round":1,"costs":{"seconds":9.5},"compilationSeconds":2.5}
                {"event":"round","round":2,"costs":{"seconds":1.25},"compilationSeconds":0.5}
                {"event":"round","round":3,"costs":{"seconds":1.5}}
                {"event":"roof"}
                {"event":"round","ro
                """);
        assertEquals(new RunTimes(20, 1.5, 8.5), RunTimes.of(20, metrics));
        Files.writeString(metrics, "{\"event\":\"lost\"}\n");
        assertEquals(RunTimes.of(20), RunTimes.of(20, metrics));
    }

    @Test
    void textsSayNoMoreRoundsThanThereAre() {
        assertEquals("mean of the last 3 rounds", AccuracyWindow.USUAL.within(3).toString());
        assertEquals("after the last round", AccuracyWindow.USUAL.within(0).toString());
        assertEquals("mean of the last 5 rounds", AccuracyWindow.USUAL.within(300).toString());
        assertEquals("mean of the last 3 rounds", AccuracyWindow.words(List.of(new AccuracyWindow(3), new AccuracyWindow(3))));
        assertEquals("mean of the last 5 rounds, of a run with fewer all of them",
                AccuracyWindow.words(List.of(new AccuracyWindow(2), AccuracyWindow.USUAL)));
        double[] accuracies = {0.1, 0.2, Double.NaN, 0.4};
        assertEquals(AccuracyWindow.USUAL.of(accuracies), AccuracyWindow.USUAL.within(2).of(accuracies));
    }
}
