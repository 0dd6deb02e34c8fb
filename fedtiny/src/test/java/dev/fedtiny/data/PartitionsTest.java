package dev.fedtiny.data;

import static dev.fedtiny.data.TestData.assertDataException;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.runtime.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionsTest {
    private static int[] balancedLabels(int count, int classes) {
        return IntStream.range(0, count).map(i -> i % classes).toArray();
    }

    /** Every index once, ascending in each device. */
    private static void assertComplete(Partition partition, int count) {
        int[] all = partition.deviceIndices().stream().flatMapToInt(Arrays::stream).sorted().toArray();
        assertArrayEquals(IntStream.range(0, count).toArray(), all);
        for (int device = 0; device < partition.devices(); device++) {
            int[] indices = partition.indices(device);
            assertArrayEquals(Arrays.stream(indices).sorted().toArray(), indices);
            assertEquals(indices.length, partition.size(device));
        }
        assertEquals(count, partition.totalSize());
    }

    private static int[][] histogram(Partition partition, int[] labels, int classes) {
        int[][] histogram = new int[partition.devices()][classes];
        for (int device = 0; device < histogram.length; device++) {
            for (int index : partition.indices(device)) {
                histogram[device][labels[index]]++;
            }
        }
        return histogram;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 103})
    void iidSharesAreEqual(int devices) {
        Partition partition = Partitions.iid(103, devices, 4);
        assertComplete(partition, 103);
        for (int device = 0; device < devices; device++) {
            assertTrue(partition.size(device) == 103 / devices || partition.size(device) == 103 / devices + 1);
        }
        assertEquals(partition, Partitions.iid(103, devices, 4));
        assertEquals(partition.hashCode(), Partitions.iid(103, devices, 4).hashCode());
        if (devices > 1 && devices < 103) {
            assertNotEquals(partition, Partitions.iid(103, devices, 5));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.1, 0.5, 1, 10, 1e6})
    void dirichletLosesNoIndex(double alpha) {
        int[] labels = balancedLabels(5003, 10);
        Partition partition = Partitions.dirichlet(labels, 10, 10, alpha, 17);
        assertComplete(partition, 5003);
        for (int device = 0; device < 10; device++) {
            assertTrue(partition.size(device) >= 10);
        }
        assertEquals(partition, Partitions.dirichlet(labels, 10, 10, alpha, 17));
        assertNotEquals(partition, Partitions.dirichlet(labels, 10, 10, alpha, 18));
    }

    @Test
    void largeAlphaIsEven() {
        int[] labels = balancedLabels(5000, 10);
        for (int[] counts : histogram(Partitions.dirichlet(labels, 10, 10, 1e6, 3), labels, 10)) {
            for (int count : counts) {
                assertEquals(50, count, 3);
            }
        }
    }

    @Test
    void skewGrowsAsAlphaFalls() {
        int[] labels = balancedLabels(5000, 10);
        double[] alphas = {0.1, 1, 100};
        double[] shares = new double[alphas.length];
        for (int i = 0; i < alphas.length; i++) {
            for (long seed = 0; seed < 5; seed++) {
                for (int[] counts : histogram(Partitions.dirichlet(labels, 10, 10, alphas[i], seed), labels, 10)) {
                    shares[i] += (double) Arrays.stream(counts).max().getAsInt() / Arrays.stream(counts).sum() / 50;
                }
            }
        }
        assertTrue(shares[0] > 0.5 && shares[0] > shares[1] + 0.15, Arrays.toString(shares));
        assertTrue(shares[2] < 0.15 && shares[1] > shares[2] + 0.1, Arrays.toString(shares));
    }

    @Test
    void tinyAlphaNeitherUnderflowsNorFillsAFullDevice() {
        // Each class goes to one device as a whole, and N / K is one class: every device ends with exactly one.
        int[] labels = balancedLabels(1000, 10);
        for (int[] counts : histogram(Partitions.dirichlet(labels, 10, 10, 1e-12, 3), labels, 10)) {
            assertEquals(100, Arrays.stream(counts).max().getAsInt());
            assertEquals(100, Arrays.stream(counts).sum());
        }
        for (long seed = 0; seed < 20; seed++) {
            Partition halves = Partitions.dirichlet(balancedLabels(400, 4), 4, 2, 1e-9, seed);
            assertEquals(200, halves.size(0));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.5, 3})
    void aDeviceWithItsShareGetsNothingMore(double alpha) {
        int[] labels = balancedLabels(4999, 10);
        boolean anyFull = false;
        for (int[] counts : histogram(Partitions.dirichlet(labels, 10, 8, alpha, 2), labels, 10)) {
            int held = 0;
            for (int count : counts) {
                if (8 * held >= 4999) {
                    assertEquals(0, count);
                    anyFull = true;
                }
                held += count;
            }
        }
        assertTrue(anyFull, "no device was full before the last class: nothing was tested");
    }

    @Test
    void absentClassesAreAllowed() {
        int[] labels = balancedLabels(100, 3);
        assertComplete(Partitions.dirichlet(labels, 50, 4, 0.5, 1), 100);
        assertComplete(Partitions.dirichlet(labels, 3, 1, 0.5, 1), 100);
        assertComplete(Partitions.dirichlet(balancedLabels(130, 3), 4, 10, 1e8, 1), 130);
        assertComplete(Partitions.dirichlet(balancedLabels(10, 3), 3, 1, 0.5, 1), 10);
    }

    @Test
    void splitIsTheSameOnEveryMachine() {
        Dataset train = Datasets.demo().train();
        Partition partition = Partitions.dirichlet(train, 10, 0.5, 1);
        assertArrayEquals(new int[] {505, 579, 205, 683, 687, 549, 627, 447, 587, 131},
                IntStream.range(0, 10).map(partition::size).toArray());
        assertArrayEquals(new int[] {4, 17, 18, 20, 46}, Arrays.copyOf(partition.indices(0), 5));
        assertArrayEquals(partition.classHistogram(train), histogram(partition, train.labels(), 10));
        assertEquals(partition.size(3), partition.localData(train, 3).count());
        assertArrayEquals(partition.classHistogram(train)[3], partition.localData(train, 3).classCounts());
    }

    @Test
    void manyDevicesShareFewImages() {
        int[] labels = balancedLabels(25_000, 10);
        Partition partition = Partitions.dirichlet(labels, 10, 1000, 0.5, 5, 1);
        assertComplete(partition, 25_000);
        assertTrue(IntStream.range(0, 1000).map(partition::size).min().getAsInt() >= 5);
        assertComplete(Partitions.dirichlet(labels, 10, 1000, 0.5, 1, 1), 25_000);
        assertComplete(Partitions.dirichlet(balancedLabels(50_000, 10), 10, 10_000, 100, 1, 1), 50_000);
        // The smallest share decides which draw is taken and nothing else.
        int[] few = balancedLabels(5000, 10);
        assertEquals(Partitions.dirichlet(few, 10, 10, 0.5, 3), Partitions.dirichlet(few, 10, 10, 0.5, 10, 3));
        assertEquals(Partitions.dirichlet(few, 10, 10, 0.5, 3), Partitions.dirichlet(few, 10, 10, 0.5, 1, 3));
    }

    @Test
    void devicesThatAreShortAreFilledFromTheLargestShares() {
        int[] labels = balancedLabels(50_000, 10);
        Partition filled = Partitions.dirichlet(labels, 10, 10_000, 0.05, 3, ShortShares.FILL, 1);
        assertComplete(filled, 50_000);
        assertEquals(3, IntStream.range(0, 10_000).map(filled::size).min().getAsInt());
        assertEquals(filled, Partitions.dirichlet(labels, 10, 10_000, 0.05, 3, ShortShares.FILL, 1));
        assertNotEquals(filled, Partitions.dirichlet(labels, 10, 10_000, 0.05, 3, ShortShares.FILL, 2));
        // As many as there are: everybody has the same number.
        Partition even = Partitions.dirichlet(labels, 10, 10_000, 0.5, 5, ShortShares.FILL, 1);
        assertTrue(IntStream.range(0, 10_000).allMatch(device -> even.size(device) == 5));
        // It is still as uneven in classes as such shares can be.
        assertTrue(Arrays.stream(histogram(filled, labels, 10)).mapToLong(counts -> Arrays.stream(counts).filter(c -> c > 0).count())
                .average().orElseThrow() < 3.5);
        // A draw in which nobody is short is taken as it is; too few samples are too few by any rule.
        int[] few = balancedLabels(5000, 10);
        assertEquals(Partitions.dirichlet(few, 10, 10, 0.5, 1, 3), Partitions.dirichlet(few, 10, 10, 0.5, 1, ShortShares.FILL, 3));
        assertDataException(() -> Partitions.dirichlet(labels, 10, 10_000, 0.5, 6, ShortShares.FILL, 1), "N = 50000", "K = 10000",
                "at most 5 (smallest-share)");
    }

    /** Of ten thousand devices every draw leaves hundreds without an image: twenty draws tell as much as a thousand. */
    @Test
    void hopelessDrawsEndSoonAndSayWhatToChange() {
        assertDataException(() -> Partitions.dirichlet(balancedLabels(50_000, 10), 10, 10_000, 0.05, 1, 1), "N = 50000", "K = 10000",
                "α = 0.05", "in 20 draws", "devices or more always had fewer than 1 samples", "(devices)", "(alpha)", "short-shares = fill",
                "partition = iid");
        assertDataException(() -> Partitions.dirichlet(balancedLabels(25_000, 10), 10, 1000, 0.5, 20, 1), "fewer than 20",
                "a smaller smallest share (smallest-share)");
        assertDataException(() -> Partitions.dirichlet(balancedLabels(25_000, 10), 10, 1000, 0.5, 26, 1), "N = 25000", "K = 1000",
                "26 each", "of at most 25 (smallest-share)");
        assertThrows(IllegalArgumentException.class, () -> Partitions.dirichlet(balancedLabels(100, 10), 10, 2, 0.5, 0, 1));
    }

    @Test
    void impossibleSplitsAreRefused() {
        int[] labels = balancedLabels(5000, 10);
        assertDataException(() -> Partitions.iid(9, 10, 1), "9 samples", "10 devices");
        assertDataException(() -> Partitions.dirichlet(balancedLabels(99, 3), 3, 10, 0.5, 1), "N = 99", "K = 10", "10 each");
        assertDataException(() -> Partitions.dirichlet(labels, 10, 20, 1e-12, 1), "N = 5000", "K = 20", "α = 1.0E-12", "1000 draws");
        // Every mass is zero even as a logarithm.
        assertDataException(() -> Partitions.dirichlet(labels, 10, 2, Double.MIN_VALUE, 1), "α = 4.9E-324", "1000 draws");
        assertDataException(() -> Partitions.dirichlet(labels, 9, 10, 0.5, 1), "label 9", "0 to 8");
        for (double alpha : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> Partitions.dirichlet(labels, 10, 10, alpha, 1));
        }
        assertThrows(IllegalArgumentException.class, () -> Partitions.iid(10, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> Partitions.dirichlet(labels, 10, -1, 0.5, 1));
    }

    @Test
    void partitionGuardsItself() {
        assertThrows(IllegalArgumentException.class, () -> new Partition(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new Partition(List.of(new int[] {1}, new int[0])));
        assertThrows(IllegalArgumentException.class, () -> new Partition(List.of(new int[] {1, 2}, new int[] {2})));
        assertThrows(IllegalArgumentException.class, () -> new Partition(List.of(new int[] {-1})));
        int[] mine = {4, 5};
        Partition partition = new Partition(new ArrayList<>(List.of(mine)));
        mine[0] = 9;
        partition.indices(0)[0] = 9;
        partition.deviceIndices().get(0)[0] = 9;
        assertArrayEquals(new int[] {4, 5}, partition.indices(0));
    }

    @Test
    void gammaVariatesHaveTheRightMoments() {
        for (double shape : new double[] {0.3, 1, 2.5, 40}) {
            RandomStream random = RandomStream.of(7, "test-gamma");
            double sum = 0;
            double squares = 0;
            int count = 100_000;
            for (int i = 0; i < count; i++) {
                double value = StrictMath.exp(GammaVariates.nextLog(shape, random));
                sum += value;
                squares += value * value;
            }
            double mean = sum / count;
            // Mean and variance of Gamma(a, 1) are both a; five standard errors.
            assertEquals(shape, mean, 5 * Math.sqrt(shape / count));
            assertEquals(shape, squares / count - mean * mean, 5 * Math.sqrt((2 * shape * shape + 6 * shape) / count));
        }
        RandomStream random = RandomStream.of(7, "test-gamma");
        double sum = 0;
        for (int i = 0; i < 20_000; i++) {
            sum += GammaVariates.nextLog(1e-6, random);
        }
        // The mean logarithm is digamma(a), about -1/a for small a; its standard deviation is 1/a too.
        assertEquals(-1e6, sum / 20_000, 5e6 / Math.sqrt(20_000));
    }
}
