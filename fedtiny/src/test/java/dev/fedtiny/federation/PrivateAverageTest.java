package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.privacy.GaussianMechanism;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The mean of differential privacy: what one device can change, and the noise that covers it. */
class PrivateAverageTest {
    private static final double HARDLY = 1e-9;

    private static Aggregation.Average average(double noise, double expected, float[]... before) {
        return new Aggregation.PrivateMean(new GaussianMechanism(2, noise, 0.5, expected, 1e-5)).average(new Baseline(List.of(before),
                List.of(Kind.CONVOLUTION_WEIGHT, Kind.RUNNING_MEAN, Kind.RUNNING_VARIANCE).subList(0, before.length)));
    }

    /** Two devices of four expected: changes of norms 5 and 1, of which the first counts with 2, whatever the sample counts say. */
    @Test
    void changesAreClippedAndCountAlike() {
        Aggregation.Average average = average(HARDLY, 4, new float[] {1, 1});
        average.add(1, List.of(new float[] {4, 5}));
        average.add(1, List.of(new float[] {1, 2}));
        float[] values = average.values().getFirst();
        assertArrayEquals(new float[] {1 + 1.2f / 4, 1 + (1.6f + 1) / 4}, values, 1e-5f);
        assertEquals(1, new Aggregation.PrivateMean(new GaussianMechanism(2, 1, 0.5, 4, 1e-5)).weight(5000), "every device counts once");
    }

    /** Whatever a device sends, it moves the sum by no more than the norm. */
    @Test
    void oneDeviceChangesTheSumByTheNormAtMost() {
        for (float scale : new float[] {0.1f, 3, 1e6f, 1e30f}) {
            float[] before = new float[1000];
            Aggregation.Average average = average(HARDLY, 1, before);
            float[] values = new float[1000];
            for (int i = 0; i < values.length; i++) {
                values[i] = scale * ((i * 7919 % 13) - 6);
            }
            average.add(1, List.of(values));
            double squares = 0;
            for (float value : average.values().getFirst()) {
                squares += (double) value * value;
            }
            assertTrue(Math.sqrt(squares) <= 2 + 1e-6, "norm " + Math.sqrt(squares));
        }
    }

    /** Nor where values are so large that a clipped change cannot be told from the whole one: their rounding counts for nothing. */
    @Test
    void theRoundingOfLargeValuesIsNoPartOfAChange() {
        float[] before = new float[4000];
        Arrays.fill(before, 1e6f);
        float[] after = new float[4000];
        Arrays.fill(after, 1e6f + 0.0625f);
        Aggregation.Average average = average(HARDLY, 1e-3, before);
        average.add(1, List.of(after));
        double squares = 0;
        for (float value : average.values().getFirst()) {
            squares += ((double) value - 1e6) * (value - 1e6);
        }
        // Divided by 0.001, the sum is far above the rounding.
        assertEquals(2, 1e-3 * Math.sqrt(squares), 0.01);
    }

    /** Noise of 1.5·C·√2, since weights and running means are clipped each by themselves, divided by the devices expected. */
    @Test
    void theNoiseHasItsDeviation() {
        Aggregation.Average average = average(1.5, 3, new float[40_000], new float[10]);
        float[] values = average.values().getFirst();
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        double expected = 1.5 * 2 * Math.sqrt(2) / 3;
        // Four standard errors of a deviation from 40,000 draws are 1.4 %: once in 16,000 runs. Ten are taken.
        assertEquals(expected, Math.sqrt(squares / values.length), 0.036 * expected);
        assertArrayEquals(values, average.values().getFirst(), "drawn once");
        assertFalse(Arrays.equals(values, average(1.5, 3, new float[40_000], new float[10]).values().getFirst()), "never the same again");
    }

    @Test
    void aVarianceStaysAtHalfOfWhatItWas() {
        Aggregation.Average average = average(1000, 1, new float[1], new float[1], new float[] {4, 4, 4, 4, 4, 4, 4, 4});
        for (float variance : average.values().get(2)) {
            assertTrue(variance >= 2, "variance " + variance);
        }
    }

    @Test
    void whatLiesOutsideOfTheMechanismIsRefused() {
        Aggregation rule = new Aggregation.PrivateMean(new GaussianMechanism(1, 1, 1, 4, 1e-5));
        assertThrows(UnsupportedOperationException.class, rule::scores);
        assertThrows(UnsupportedOperationException.class, () -> rule.gradients(0, 3));
        assertThrows(IllegalArgumentException.class, () -> average(1, 1, new float[2]).merge(average(1, 1, new float[2])));
    }
}
