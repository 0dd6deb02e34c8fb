package dev.fedtiny.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MedianIntervalTest {
    @Test
    void confidencesAreThoseOfTheBinomialDistribution() {
        // Seven values: all of them 1 − 2/128; without the outermost two 1 − 2·8/128.
        assertEquals(0.984375, MedianInterval.confidence(7, 1), 1e-12);
        assertEquals(0.875, MedianInterval.confidence(7, 2), 1e-12);
        // Tables of order statistics give ranks 2 and 9 for ten values, 97.9 %.
        assertEquals(0.978515625, MedianInterval.confidence(10, 2), 1e-12);
    }

    @Test
    void theInnermostRanksThatSufficeAreTaken() {
        double[] seven = {7, 1, 6, 2, 5, 3, 4};
        assertEquals(new MedianInterval(4, 1, 7, 0.984375), MedianInterval.of(seven, 0.95));
        assertEquals(new MedianInterval(4, 2, 6, 0.875), MedianInterval.of(seven, 0.85));
        double[] ten = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        MedianInterval interval = MedianInterval.of(ten, 0.95);
        assertEquals(5.5, interval.median());
        assertEquals(2, interval.low());
        assertEquals(9, interval.high());
    }

    @Test
    void fewValuesGiveLessConfidenceThanAskedFor() {
        assertEquals(0.75, MedianInterval.of(new double[] {1, 2, 3}, 0.95).confidence(), 1e-12);
        assertEquals(new MedianInterval(3, 3, 3, 0), MedianInterval.of(new double[] {3}, 0.95));
        assertFalse(MedianInterval.of(new double[] {1, 2, 3, 4, 5}, 0.95).holds(0.95), "1 − 2/32");
        assertTrue(MedianInterval.of(new double[] {1, 2, 3, 4, 5, 6}, 0.95).holds(0.95), "1 − 2/64");
        assertThrows(IllegalArgumentException.class, () -> MedianInterval.of(new double[0], 0.95));
    }
}
