package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Means, deviations, intervals and paired differences, against published tables and by what an interval promises. */
class SampleStatisticsTest {
    /** Of the usual tables of Student's t. */
    @ParameterizedTest
    @CsvSource({"0.975,1,12.7062", "0.975,2,4.30265", "0.975,3,3.18245", "0.975,4,2.77645", "0.975,9,2.26216", "0.975,30,2.04227",
        "0.975,100,1.98397", "0.995,4,4.60409", "0.95,5,2.01505", "0.75,1,1.00000"})
    void quantilesAreThoseOfTheTables(double probability, int degrees, double expected) {
        assertEquals(expected, SampleStatistics.quantile(probability, degrees), 6e-5 * expected);
    }

    @Test
    void deviationsAreOfTheSampleAndFewValuesHaveNone() {
        SampleStatistics three = SampleStatistics.of(0.5, Double.NaN, 0.6, 0.7);
        assertEquals(3, three.count());
        assertEquals(0.6, three.mean(), 1e-15);
        assertEquals(0.1, three.deviation(), 1e-15);
        assertEquals(4.30265 * 0.1 / Math.sqrt(3), three.halfInterval(), 1e-6);
        assertTrue(Double.isNaN(SampleStatistics.of(1).deviation()) && Double.isNaN(SampleStatistics.of(1).halfInterval()));
        assertTrue(Double.isNaN(SampleStatistics.of().mean()));
        assertFalse(SampleStatistics.of(1, 2).enough());
    }

    /** d₂ of the usual tables of control charts. */
    @ParameterizedTest
    @CsvSource({"1,0", "2,1.12838", "3,1.69257", "5,2.32593", "10,3.07751", "20,3.73495"})
    void equalFiguresSpanWhatTheTablesSay(int count, double expected) {
        assertEquals(expected, SampleStatistics.expectedRange(count), 2e-5);
    }

    /** What 95 % means: of 4,000 samples of five normal values, the interval holds the true mean in 95 % ± 3 standard errors of that. */
    @Test
    void intervalsHoldTheMeanAsOftenAsTheySay() {
        RandomGenerator random = new java.util.SplittableRandom(5);
        int held = 0;
        for (int sample = 0; sample < 4000; sample++) {
            SampleStatistics of = SampleStatistics.of(random.nextGaussian(3, 2), random.nextGaussian(3, 2), random.nextGaussian(3, 2),
                    random.nextGaussian(3, 2), random.nextGaussian(3, 2));
            held += Math.abs(of.mean() - 3) <= of.halfInterval() ? 1 : 0;
        }
        assertEquals(0.95, held / 4000.0, 3 * Math.sqrt(0.95 * 0.05 / 4000));
    }

    @Test
    void differencesAreOverSeedsThatBothHave() {
        Map<String, Double> one = Map.of("1", 0.50, "2", 0.62, "3", 0.41, "9", 0.99);
        Map<String, Double> other = Map.of("1", 0.48, "2", 0.60, "3", 0.39, "4", 0.01);
        PairedDifference difference = PairedDifference.of(one, other);
        assertEquals(3, difference.pairs());
        assertEquals("+2.00", difference.points());
        assertTrue(difference.distinct() && difference.interval().equals("+2.00 … +2.00"), difference.interval());
        assertEquals("−2.00", PairedDifference.of(other, one).points());
        PairedDifference two = PairedDifference.of(Map.of("1", 0.5, "2", 0.7), other);
        assertEquals("too few to say (n = 2)", two.interval());
        assertFalse(two.distinct());
        assertEquals("–", PairedDifference.of(Map.of("7", 1.0), other).points());
    }
}
