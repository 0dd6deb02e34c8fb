package dev.fedtiny.engine.sparse;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The forms of weights: conversions lose nothing, sizes are exact, and damaged structures are found. */
class WeightsTest {
    private record Case(int rows, int columns, Mask mask, float[] values) {
    }

    /** Awkward shapes: single elements, empty and full rows, sizes around the 64 bits of a word, nothing kept. */
    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        RandomStream random = RandomStream.of(1, "weights-test");
        int[][] shapes = {{1, 1}, {1, 64}, {3, 21}, {5, 13}, {8, 27}, {2, 65}, {16, 9}};
        for (int[] shape : shapes) {
            int size = shape[0] * shape[1];
            for (double density : new double[] {0, 0.1, 0.5, 1}) {
                float[] dense = new float[size];
                boolean[] kept = new boolean[size];
                int count = 0;
                for (int i = 0; i < size; i++) {
                    boolean rowEmpty = shape[0] > 2 && i / shape[1] == 1;
                    kept[i] = density == 1 || !rowEmpty && random.nextDouble() < density;
                    count += kept[i] ? 1 : 0;
                    dense[i] = kept[i] ? (float) random.nextGaussian() : 0;
                }
                int[] indices = new int[count];
                int to = 0;
                for (int i = 0; i < size; i++) {
                    if (kept[i]) {
                        indices[to++] = i;
                    }
                }
                Mask mask = Mask.of(size, indices);
                cases.add(new Case(shape[0], shape[1], mask, mask.gather(dense)));
            }
        }
        return cases;
    }

    @Test
    void everyConversionKeepsPositionsAndValues() {
        for (Case c : cases()) {
            float[] dense = c.mask().scatter(c.values());
            for (ConvolutionAlgorithm from : new ConvolutionAlgorithm[] {ConvolutionAlgorithm.CSR, ConvolutionAlgorithm.BITMASK}) {
                Weights weights = Weights.of(from, c.rows(), c.columns(), c.mask(), c.values().clone());
                weights.check();
                assertEquals(c.mask(), weights.mask(), from + " " + c.mask());
                assertArrayEquals(c.values(), weights.values());
                assertArrayEquals(dense, weights.toDenseArray());
                assertEquals(c.mask().count(), weights.count());
                for (ConvolutionAlgorithm to : ConvolutionAlgorithm.STORED) {
                    Weights converted = weights.to(to);
                    converted.check();
                    assertEquals(to, converted.algorithm());
                    assertArrayEquals(dense, converted.toDenseArray(), from + " to " + to);
                    if (to != ConvolutionAlgorithm.DENSE) {
                        assertEquals(c.mask(), converted.mask(), from + " to " + to);
                    }
                }
            }
        }
    }

    @Test
    void sizesAreThoseOfTheArrays() {
        for (Case c : cases()) {
            long kept = c.mask().count();
            long size = (long) c.rows() * c.columns();
            assertEquals(4 * size, Weights.of(ConvolutionAlgorithm.DENSE, c.rows(), c.columns(), c.mask(), c.values().clone()).bytes());
            assertEquals(4 * (c.rows() + 1) + 8 * kept,
                    Weights.of(ConvolutionAlgorithm.CSR, c.rows(), c.columns(), c.mask(), c.values().clone()).bytes());
            assertEquals(8 * ((size + 63) / 64) + 4 * kept,
                    Weights.of(ConvolutionAlgorithm.BITMASK, c.rows(), c.columns(), c.mask(), c.values().clone()).bytes());
        }
    }

    @Test
    void valuesAreLiveAndConversionsAreNot() {
        float[] values = {1, 2};
        Weights csr = Weights.of(ConvolutionAlgorithm.CSR, 2, 2, Mask.of(4, new int[] {0, 3}), values);
        Weights copy = csr.to(ConvolutionAlgorithm.BITMASK);
        values[1] = 5;
        assertEquals(5, csr.toDenseArray()[3]);
        assertEquals(2, copy.toDenseArray()[3]);
    }

    private static void refused(String part, Weights weights) {
        IllegalStateException error = assertThrows(IllegalStateException.class, weights::check);
        assertTrue(error.getMessage().contains(part), error.getMessage());
    }

    @Test
    void damagedStructuresAreFound() {
        refused("row 0 has column 2", new CsrWeights(1, 2, new int[] {0, 1}, new int[] {2}, new float[1]));
        refused("row 0 has column 0 after 0", new CsrWeights(1, 2, new int[] {0, 2}, new int[] {0, 0}, new float[2]));
        refused("row pointers", new CsrWeights(2, 2, new int[] {0, 1}, new int[] {1}, new float[1]));
        refused("row 1 ends at 1", new CsrWeights(3, 2, new int[] {0, 2, 1, 2}, new int[] {0, 1}, new float[2]));
        refused("values, structure has 1", new CsrWeights(1, 2, new int[] {0, 1}, new int[] {1}, new float[2]));
        refused("value 0 is NaN", new CsrWeights(1, 2, new int[] {0, 1}, new int[] {1}, new float[] {Float.NaN}));
        refused("bits set past position 4", new BitmaskWeights(1, 5, new long[] {0b100000}, new float[1]));
        refused("2 words for 64 positions", new BitmaskWeights(1, 64, new long[2], new float[0]));
        refused("values, structure has 2", new BitmaskWeights(1, 5, new long[] {0b11}, new float[1]));
        refused("value 1 is Infinity", new DenseWeights(1, 2, new float[] {0, Float.POSITIVE_INFINITY}));
        refused("values, structure has 6", new DenseWeights(2, 3, new float[5]));
        refused("-2×-3", new DenseWeights(-2, -3, new float[6]));
        refused("-1×5", new BitmaskWeights(-1, 5, new long[0], new float[0]));
        refused("-1×5", new CsrWeights(-1, 5, new int[0], new int[0], new float[0]));
        refused("65536×65536; rows and columns", new CsrWeights(1 << 16, 1 << 16, new int[(1 << 16) + 1], new int[0], new float[0]));
    }

    @Test
    void masksAndValuesMustFit() {
        Mask mask = Mask.of(6, new int[] {1, 4});
        assertThrows(IllegalArgumentException.class, () -> Weights.of(ConvolutionAlgorithm.CSR, 2, 4, mask, new float[2]));
        assertThrows(IllegalArgumentException.class, () -> Weights.of(ConvolutionAlgorithm.CSR, 2, 3, mask, new float[3]));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(6, new int[] {4, 1}));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(6, new int[] {1, 6}));
        assertThrows(IllegalArgumentException.class, () -> Mask.of(6, new int[] {-1}));
        assertThrows(IllegalArgumentException.class, () -> mask.gather(new float[5]));
        assertThrows(IllegalArgumentException.class, () -> mask.scatter(new float[3]));
        assertTrue(Mask.of(2, new int[] {0, 1}).isFull(), "a mask of all positions needs no list");
        assertEquals(Mask.full(2), Mask.of(2, new int[] {0, 1}));
    }
}
