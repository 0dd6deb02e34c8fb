package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.junit.jupiter.api.Test;

class ExactSumsTest {
    private static final BigDecimal FRACTION = BigDecimal.valueOf(1L << 52);

    /** Floats of every size that a sum takes, with the weights that they may have, as the exact products. */
    private static double product(RandomStream random) {
        int samples = 1 + random.nextInt(1_000_000);
        float value = (float) ((random.nextDouble() - 0.5) * StrictMath.pow(2, random.nextInt(85) - 60));
        return (double) samples * value;
    }

    /** Σ round(x·2⁵²), as whole numbers of any length have it. */
    private static BigDecimal rounded(double value) {
        return new BigDecimal(value).multiply(FRACTION).setScale(0, RoundingMode.HALF_EVEN);
    }

    @Test
    void sumsAreThoseOfWholeNumbersOfAnyLength() {
        RandomStream random = RandomStream.of(5, "exact-sums");
        ExactSums sums = new ExactSums(40);
        BigDecimal[] expected = new BigDecimal[40];
        java.util.Arrays.fill(expected, BigDecimal.ZERO);
        for (int n = 0; n < 1000; n++) {
            sums.begin();
            for (int i = 0; i < expected.length; i++) {
                double value = product(random) * (i % 2 == 0 ? 1 : 0x1p-20);
                sums.add(i, value);
                expected[i] = expected[i].add(rounded(value));
            }
        }
        for (int i = 0; i < expected.length; i++) {
            double exact = expected[i].divide(FRACTION).doubleValue();
            assertEquals(exact, sums.sum(i), 4 * Math.ulp(exact), "sum " + i);
        }
    }

    @Test
    void bitsDependNeitherOnOrderNorOnGrouping() {
        RandomStream random = RandomStream.of(6, "exact-sums");
        float[][] values = new float[700][9];
        double[] weights = new double[values.length];
        int[] order = new int[values.length];
        for (int k = 0; k < values.length; k++) {
            order[k] = k;
            weights[k] = 1 + random.nextInt(5000);
            for (int i = 0; i < values[k].length; i++) {
                values[k][i] = (float) (random.nextGaussian() * StrictMath.pow(10, i - 6));
            }
        }
        ExactSums forward = new ExactSums(9);
        for (int k : order) {
            forward.add(weights[k], values[k]);
        }
        for (int trial = 0; trial < 10; trial++) {
            random.shuffle(order);
            ExactSums[] parts = new ExactSums[1 + random.nextInt(7)];
            for (int p = 0; p < parts.length; p++) {
                parts[p] = new ExactSums(9);
            }
            for (int k : order) {
                parts[random.nextInt(parts.length)].add(weights[k], values[k]);
            }
            for (int p = 1; p < parts.length; p++) {
                parts[0].merge(parts[p]);
            }
            for (int i = 0; i < 9; i++) {
                assertEquals(Double.doubleToLongBits(forward.sum(i)), Double.doubleToLongBits(parts[0].sum(i)));
            }
        }
    }

    @Test
    void theMeanOfOneIsThatOne() {
        RandomStream random = RandomStream.of(7, "exact-sums");
        for (int n = 0; n < 10_000; n++) {
            float value = (float) (random.nextGaussian() * StrictMath.pow(10, random.nextInt(12) - 6));
            int weight = 1 + random.nextInt(1_000_000);
            ExactSums sums = new ExactSums(1);
            sums.add(weight, new float[] {value});
            assertEquals(value, (float) (sums.sum(0) / weight), "weight " + weight);
        }
    }

    @Test
    void whatDoesNotFitIsNamedAndNeverAdded() {
        float most = 0x1p26f;
        int weight = 1 << 20;
        assertTrue(ExactSums.fits(weight, new float[] {most, -most, 0}));
        for (float wrong : new float[] {Math.nextUp(most), -Float.MAX_VALUE, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertFalse(ExactSums.fits(weight, new float[] {0, wrong}));
            ExactSums sums = new ExactSums(1);
            sums.add(1, new float[] {3});
            assertThrows(ArithmeticException.class, () -> sums.add(weight, new float[] {wrong}));
            assertEquals(3, sums.sum(0));
        }
    }

    /** As many of the largest values as may be added stay exact, and one more is refused. */
    @Test
    void noSumLeavesItsRange() {
        ExactSums sums = new ExactSums(2);
        float[] values = {0x1p46f, -0x1p46f};
        for (int n = 0; n < ExactSums.MOST_ADDITIONS; n++) {
            sums.add(1, values);
        }
        assertEquals(0x1p66, sums.sum(0));
        assertEquals(-0x1p66, sums.sum(1));
        assertThrows(ArithmeticException.class, () -> sums.add(1, values));
        ExactSums one = new ExactSums(2);
        one.add(1, values);
        assertThrows(ArithmeticException.class, () -> one.merge(sums));
        assertEquals(0x1p46, one.sum(0));
    }
}
