package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightedAverageTest {
    @Test
    void equalsAPlainDoubleComputation() {
        RandomStream random = RandomStream.of(9, "average-test");
        int[] samples = {31, 1, 977, 12};
        float[][] first = new float[4][257];
        float[][] second = new float[4][1];
        for (int k = 0; k < 4; k++) {
            for (int i = 0; i < 257; i++) {
                first[k][i] = (float) random.nextGaussian();
            }
            second[k][0] = k;
        }
        WeightedAverage average = new WeightedAverage();
        for (int k = 0; k < 4; k++) {
            average.add(samples[k], List.of(first[k], second[k]));
        }
        float[] expected = new float[257];
        for (int i = 0; i < 257; i++) {
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += (double) samples[k] * first[k][i];
            }
            expected[i] = (float) (sum / 1021);
        }
        assertArrayEquals(expected, average.values().get(0));
        assertEquals((1 + 2 * 977 + 3 * 12) / 1021.0, average.values().get(1)[0], 1e-6);
        assertEquals(1021, average.weights());
    }

    @Test
    void nobodyIsNoAverage() {
        assertThrows(IllegalStateException.class, () -> new WeightedAverage().values());
        WeightedAverage average = new WeightedAverage();
        average.add(1, List.of(new float[2]));
        assertThrows(IllegalArgumentException.class, () -> average.add(1, List.of(new float[3])));
    }
}
