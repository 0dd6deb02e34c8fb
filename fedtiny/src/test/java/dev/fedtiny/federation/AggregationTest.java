package dev.fedtiny.federation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.layer.Parameter.Kind;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.LayerGradient;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule gives the same bits whatever the order of the devices and however their sums were put together. */
class AggregationTest {
    private static final int DEVICES = 23;
    private static final Network NETWORK = network();

    private static Network network() {
        Network.Builder builder = Network.builder(new Shape(3, 1, 1)).block("all");
        builder.linear("fc", 0, 7, true, true);
        return builder.build();
    }

    static Stream<Aggregation> rules() {
        return Stream.of(new Aggregation.Mean(), new Aggregation.ClippedMean(0.7), new Aggregation.ClippedMean(1e6),
                new Aggregation.TrimmedMean(0.2), new Aggregation.Median());
    }

    private static ModelState model(RandomStream random, List<Mask> masks) {
        return ModelState.of(NETWORK, masks, masks.stream().map(mask -> gaussian(random, mask.count())).toList());
    }

    private static float[] gaussian(RandomStream random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static List<Mask> dense() {
        return NETWORK.parameters().stream().map(p -> Mask.full(p.size())).toList();
    }

    private static int[] order(RandomStream random) {
        int[] order = IntStream.range(0, DEVICES).toArray();
        random.shuffle(order);
        return order;
    }

    private static void assertBits(List<float[]> expected, List<float[]> actual) {
        for (int i = 0; i < expected.size(); i++) {
            assertTrue(Arrays.equals(expected.get(i), actual.get(i)), "array " + i);
        }
    }

    /** 0.28 · 25 is 7, though not in double precision: seven values go at each end. */
    @Test
    void trimmingTakesNoMoreThanTheShare() {
        float[] ascending = new float[25];
        Arrays.fill(ascending, 0, 7, -100);
        ascending[7] = 1;
        Arrays.fill(ascending, 18, 25, 50);
        assertEquals(1 / 11f, new Aggregation.TrimmedMean(0.28).centre(ascending, 25));
        assertEquals(0, new Aggregation.TrimmedMean(0.281).centre(ascending, 25));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void averagesDoNotDependOnOrderOrGrouping(Aggregation rule) {
        RandomStream random = RandomStream.of(1, "aggregation");
        ModelState before = model(random, dense());
        List<List<float[]>> updates = new ArrayList<>();
        for (int k = 0; k < DEVICES; k++) {
            updates.add(model(random, dense()).allValues());
        }
        for (boolean scores : new boolean[] {false, true}) {
            List<float[]> expected = null;
            for (int trial = 0; trial < 6; trial++) {
                Aggregation.Average one = scores ? rule.scores() : rule.average(Baseline.of(before));
                Aggregation.Average other = scores ? rule.scores() : rule.average(Baseline.of(before));
                for (int k : order(random)) {
                    (random.nextInt(2) == 0 || trial == 0 ? one : other).add(rule.weight(10 + k), updates.get(k));
                }
                one.merge(other);
                assertEquals(IntStream.range(0, DEVICES).mapToLong(k -> rule.weight(10 + k)).sum(), one.weights());
                expected = expected == null ? one.values() : expected;
                assertBits(expected, one.values());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void maskedSumsDoNotDependOnOrderOrGrouping(Aggregation rule) {
        RandomStream random = RandomStream.of(2, "aggregation");
        ModelState before = model(random, dense());
        List<ModelState> updates = new ArrayList<>();
        for (int k = 0; k < DEVICES; k++) {
            List<Mask> masks = new ArrayList<>(dense());
            masks.set(0, Mask.of(21, IntStream.range(0, 21).filter(i -> random.nextInt(3) == 0).toArray()));
            updates.add(model(random, masks));
        }
        ModelState expected = null;
        ModelState into = null;
        for (int trial = 0; trial < 6; trial++) {
            Aggregation.MaskedSum one = rule.maskedSum(before);
            Aggregation.MaskedSum other = rule.maskedSum(before);
            for (int k : order(random)) {
                (random.nextInt(2) == 0 || trial == 0 ? one : other).add(rule.weight(10 + k), updates.get(k).masks(),
                        updates.get(k).allValues());
            }
            one.merge(other);
            expected = expected == null ? one.united(before) : expected;
            into = into == null ? one.into(before) : into;
            assertEquals(expected.masks(), one.united(before).masks());
            assertBits(expected.allValues(), one.united(before).allValues());
            assertBits(into.allValues(), one.into(before).allValues());
        }
    }

    @ParameterizedTest
    @MethodSource("rules")
    void gradientsDoNotDependOnOrder(Aggregation rule) {
        RandomStream random = RandomStream.of(3, "aggregation");
        int[][] positions = new int[DEVICES][];
        float[][] values = new float[DEVICES][];
        for (int k = 0; k < DEVICES; k++) {
            int[] all = IntStream.range(0, 100).toArray();
            random.shuffle(all);
            positions[k] = Arrays.copyOf(all, 1 + random.nextInt(20));
            values[k] = gaussian(random, positions[k].length);
        }
        LayerGradient expected = null;
        for (int trial = 0; trial < 6; trial++) {
            GradientSum sum = rule.gradients(0, 5);
            for (int k : order(random)) {
                sum.add(10 + k, positions[k], values[k]);
            }
            expected = expected == null ? sum.total() : expected;
            assertArrayEquals(expected.indices(), sum.total().indices());
            assertTrue(Arrays.equals(expected.values(), sum.total().values()));
        }
    }

    @Test
    void absentGradientsCountAsNone() {
        GradientSum sum = new Aggregation.Mean().gradients(2, 6);
        sum.add(3, new int[] {9, 1, 4}, new float[] {-5, 2, 1});
        sum.add(1, new int[] {4, 7, 2}, new float[] {-3, 8, 0.5f});
        assertArrayEquals(new int[] {1, 2, 4, 7, 9}, sum.total().indices());
        assertArrayEquals(new double[] {1.5, 0.125, 0, 2, -3.75}, sum.total().values());
        assertThrows(IllegalStateException.class, () -> new Aggregation.Mean().gradients(2, 6).total());
    }

    @Test
    void theMeanIsThatOfADoubleComputation() {
        RandomStream random = RandomStream.of(9, "average-test");
        int[] samples = {31, 1, 977, 12};
        float[][] first = new float[4][];
        Aggregation.Average average = new Aggregation.Mean().average(new Baseline(List.of(), List.of()));
        for (int k = 0; k < 4; k++) {
            first[k] = gaussian(random, 257);
            average.add(samples[k], List.of(first[k], new float[] {k}));
        }
        for (int i = 0; i < 257; i++) {
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += (double) samples[k] * first[k][i];
            }
            assertEquals((float) (sum / 1021), average.values().getFirst()[i], Math.ulp((float) (sum / 1021)));
        }
        assertEquals((1 + 2 * 977 + 3 * 12) / 1021.0, average.values().get(1)[0], 1e-6);
        assertEquals(1021, average.weights());
    }

    @Test
    void nobodyIsNoAverageAndLengthsMustAgree() {
        Aggregation.Average average = new Aggregation.Mean().average(new Baseline(List.of(), List.of()));
        assertThrows(IllegalStateException.class, average::values);
        average.add(1, List.of(new float[2]));
        assertThrows(IllegalArgumentException.class, () -> average.add(1, List.of(new float[3])));
        assertThrows(IllegalArgumentException.class, () -> average.merge(new Aggregation.Median().scores()));
    }

    /** Each sort of value is clipped by itself; who changes little is not touched. */
    @Test
    void changesAreClippedByTheirSort() {
        Baseline before = new Baseline(List.of(new float[] {1, 1}, new float[] {5}, new float[] {2}),
                List.of(Kind.LINEAR_WEIGHT, Kind.RUNNING_MEAN, Kind.RUNNING_VARIANCE));
        Aggregation.Average average = new Aggregation.ClippedMean(5).average(before);
        average.add(3, List.of(new float[] {1 + 30, 1 + 40}, new float[] {5 + 4}, new float[] {2 + 50}));
        assertArrayEquals(new float[] {4, 5}, average.values().get(0));
        assertArrayEquals(new float[] {9}, average.values().get(1));
        assertArrayEquals(new float[] {7}, average.values().get(2));
        average.add(1, before.values());
        assertArrayEquals(new float[] {3.25f, 4}, average.values().get(0));
    }

    @Test
    void absurdRulesAreRefused() {
        for (double norm : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThrows(IllegalArgumentException.class, () -> new Aggregation.ClippedMean(norm));
        }
        assertEquals(16 * 1000, new Aggregation.Mean().heldBytes(1000, 50));
        assertEquals(4 * 1000 * 50, new Aggregation.Median().heldBytes(1000, 50));
    }
}
