package dev.fedtiny.engine.pruning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** How many weights every allocation keeps, and which ones. */
class MagnitudePruningTest {
    private static ModelState model() {
        Network.Builder net = Network.builder(new Shape(3, 8, 8)).block("all");
        int x = net.relu(net.conv2d("first", 0, 8, 3, 1, 1, true, true));
        x = net.relu(net.conv2d("middle", x, 16, 3, 2, 1, false, true));
        x = net.relu(net.conv2d("point", x, 8, 1, 1, 0, false, true));
        net.linear("out", net.globalAveragePool(x), 5, true, true);
        return Initializer.initialize(net.build(), 4);
    }

    private static int[] kept(ModelState state) {
        return state.network().prunable().stream().mapToInt(p -> state.mask(p).count()).toArray();
    }

    private static void assertKeepsTheLargest(ModelState dense, ModelState pruned) {
        for (int p : dense.network().prunable()) {
            float[] values = dense.dense(p);
            float least = Float.POSITIVE_INFINITY;
            for (float value : pruned.values(p)) {
                least = Math.min(least, Math.abs(value));
            }
            for (int i = 0; i < values.length; i++) {
                assertTrue(pruned.mask(p).contains(i) || Math.abs(values[i]) <= least);
                assertTrue(!pruned.mask(p).contains(i) || pruned.values(p)[pruned.mask(p).find(i)] == values[i]);
            }
        }
    }

    @Test
    void uniformKeepsTheSameShareEverywhere() {
        ModelState pruned = new MagnitudePruning(Allocation.UNIFORM).prune(model(), 0.1);
        assertArrayEquals(new int[] {21, 115, 12, 4}, kept(pruned));
        assertKeepsTheLargest(model(), pruned);
    }

    /** 3·8·9 = 216, 8·16·9 = 1152, 16·8 = 128 and 8·5 = 40 positions; extents sum to 17, 30, 26 and 13. */
    @Test
    void erdosRenyiGivesSmallLayersMore() {
        // ⌊0.05·1536⌋ = 76 = 17ε + 30ε + 26ε + 13ε at ε = 76/86: 15.02, 26.51, 22.98, 11.49.
        assertArrayEquals(new int[] {15, 27, 23, 11}, kept(new MagnitudePruning(Allocation.ERDOS_RENYI_KERNEL).prune(model(), 0.05)));
        // ⌊0.4·1536⌋ = 614: the last two would have more than they are, so 446 are shared by 17 and 30: 161.3 and 284.7.
        assertArrayEquals(new int[] {161, 285, 128, 40}, kept(new MagnitudePruning(Allocation.ERDOS_RENYI_KERNEL).prune(model(), 0.4)));
    }

    @Test
    void globalKeepsTheLargestWhereverTheyAre() {
        ModelState dense = model();
        record Weight(int layer, int index, float magnitude) {
        }

        List<Weight> all = new ArrayList<>();
        for (int p : dense.network().prunable()) {
            for (int i = 0; i < dense.values(p).length; i++) {
                all.add(new Weight(p, i, Math.abs(dense.values(p)[i])));
            }
        }
        all.sort(Comparator.comparingDouble((Weight weight) -> -weight.magnitude()).thenComparingInt(Weight::layer)
                .thenComparingInt(Weight::index));
        ModelState pruned = new MagnitudePruning(Allocation.GLOBAL).prune(dense, 0.3);
        int budget = (int) (0.3 * all.size());
        assertEquals(budget, pruned.prunableActive());
        for (int i = 0; i < all.size(); i++) {
            assertEquals(i < budget, pruned.mask(all.get(i).layer()).contains(all.get(i).index()), "weight " + i + " in order");
        }
    }

    /** Many equal magnitudes, zeros and layers that would have nothing: a walk over all places says what must stay. */
    @Test
    void globalBreaksTiesByLayerAndPosition() {
        RandomStream random = RandomStream.of(2, "values");
        ModelState state = model();
        int[] layers = state.network().prunable().stream().mapToInt(p -> p).toArray();
        for (int trial = 0; trial < 30; trial++) {
            int distinct = 1 + trial % 5;
            for (int p : layers) {
                float[] values = new float[state.mask(p).count()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (random.nextInt(distinct) - distinct / 2) * (p == layers[1] ? 8 : 1);
                }
                state = state.withValues(p, values);
            }
            double density = 0.004 + random.nextDouble() * 0.9;
            int[] expected = globalByHand(state, layers, (int) Math.floor(density * 1536));
            assertArrayEquals(expected, Allocation.GLOBAL.counts(state, layers, density), "density " + density);
        }
    }

    private static int[] globalByHand(ModelState state, int[] layers, int budget) {
        int[] counts = new int[layers.length];
        List<float[]> rest = new ArrayList<>();
        for (int i = 0; i < layers.length; i++) {
            float[] magnitudes = state.values(layers[i]).clone();
            for (int j = 0; j < magnitudes.length; j++) {
                magnitudes[j] = Math.abs(magnitudes[j]);
            }
            Arrays.sort(magnitudes);
            counts[i] = 1;
            for (int j = 0; j < magnitudes.length - 1; j++) {
                rest.add(new float[] {magnitudes[j], i});
            }
        }
        rest.stream().sorted(Comparator.comparingDouble((float[] one) -> -one[0]).thenComparingDouble(one -> one[1]))
                .limit(budget - layers.length).forEach(one -> counts[(int) one[1]]++);
        return counts;
    }

    @Test
    void everyAllocationHoldsTheBudgetAtAnyDensity() {
        ModelState dense = model();
        int[] layers = dense.network().prunable().stream().mapToInt(p -> p).toArray();
        for (double density : new double[] {4 / 1536.0, 0.003, 0.01, 0.05, 0.2, 0.5, 0.77, 0.999, 1}) {
            int budget = (int) Math.floor(density * 1536);
            for (Allocation allocation : List.of(Allocation.UNIFORM, Allocation.GLOBAL, Allocation.ERDOS_RENYI_KERNEL)) {
                int[] counts = allocation.counts(dense, layers, density);
                int sum = IntStream.of(counts).sum();
                assertTrue(allocation == Allocation.UNIFORM ? sum <= budget : sum == budget, sum + " of " + budget);
                assertTrue(IntStream.range(0, 4).allMatch(i -> counts[i] >= 1 && counts[i] <= dense.mask(layers[i]).size()));
                String message = assertThrows(IllegalArgumentException.class, () -> allocation.counts(dense, layers, 0.002)).getMessage();
                assertTrue(message.contains("the smallest possible density is"), message);
            }
        }
    }

    @Test
    void layersAreLeftOutAndWhatIsPrunedStaysPruned() {
        ModelState dense = model();
        LayerSelection inner = LayerSelection.PRUNABLE.withoutFirst().withoutLast();
        ModelState pruned = new MagnitudePruning(Allocation.GLOBAL, inner).prune(dense, 0.1);
        assertEquals(128, kept(pruned)[1] + kept(pruned)[2]);
        assertArrayEquals(new int[] {216, 40}, new int[] {kept(pruned)[0], kept(pruned)[3]});
        assertSame(dense.mask(0), pruned.mask(0));
        ModelState named = new MagnitudePruning(Allocation.UNIFORM, LayerSelection.PRUNABLE.without("*i*.weight")).prune(dense, 0.5);
        assertArrayEquals(new int[] {216, 1152, 128, 20}, kept(named));
        for (Allocation allocation : List.of(Allocation.UNIFORM, Allocation.GLOBAL, Allocation.ERDOS_RENYI_KERNEL)) {
            MagnitudePruning pruning = new MagnitudePruning(allocation);
            ModelState some = pruning.prune(dense, 0.2);
            ModelState again = pruning.prune(some, 0.1);
            assertTrue(again.prunableActive() <= 153);
            assertEquals(some.masks(), pruning.prune(some, 0.2).masks());
            assertEquals(some.masks(), new MagnitudePruning(allocation).prune(some, 1).masks());
            assertEquals(again.masks(), pruning.prune(pruning.prune(dense, 0.1), 0.1).masks());
        }
        String message = assertThrows(IllegalArgumentException.class,
                () -> new MagnitudePruning(Allocation.GLOBAL, LayerSelection.PRUNABLE.without("*")).prune(dense, 0.1)).getMessage();
        assertTrue(message.contains("none of the network's 4 prunable weights is selected"), message);
        MagnitudePruning own = new MagnitudePruning((_, _, _) -> new int[3]);
        message = assertThrows(IllegalArgumentException.class, () -> own.prune(dense, 0.1)).getMessage();
        assertTrue(message.contains("gives 3 counts for 4 layers"), message);
    }

    /** One channel of several, not the only channel there is. */
    @Test
    void depthwiseConvolutionsCanBeLeftOut() {
        Network.Builder net = Network.builder(new Shape(1, 8, 8)).block("all");
        int x = net.relu(net.conv2d("first", 0, 8, 3, 1, 1, false, true));
        x = net.conv2d("depthwise", x, new Conv2dGeometry(new Shape(8, 8, 8), 8, 3, 3, 1, 1).withGroups(8), false, true);
        net.conv2d("point", x, 8, 1, 1, 0, false, true);
        Network network = net.build();
        assertArrayEquals(new int[] {0, 1, 2}, LayerSelection.PRUNABLE.of(network));
        assertArrayEquals(new int[] {0, 2}, LayerSelection.PRUNABLE.withoutDepthwise().of(network));
        assertArrayEquals(new int[] {1}, LayerSelection.PRUNABLE.withoutFirst().withoutLast().of(network));
    }

    @Test
    void leavingOutWhatIsNotThereIsRefused() {
        ModelState dense = model();
        MagnitudePruning pruning = new MagnitudePruning(Allocation.UNIFORM, LayerSelection.PRUNABLE.without("outt.weight").withoutFirst());
        String message = assertThrows(IllegalArgumentException.class, () -> pruning.prune(dense, 0.5)).getMessage();
        assertTrue(message.contains("without: 'outt.weight' names none of") && message.contains("'out.weight'"), message);
        // What may not be pruned anyway has a name still.
        assertEquals(3, LayerSelection.PRUNABLE.without("out.*").without("*.bias").of(dense.network()).length);
    }

    @Test
    void gradualPruningIsCubic() {
        GradualPruning schedule = new GradualPruning(1, 0.1, 100, 500, 50);
        assertEquals(1, schedule.density(0));
        assertEquals(1, schedule.density(100));
        assertEquals(0.1 + 0.9 / 8, schedule.density(300), 1e-15);
        assertEquals(0.1, schedule.density(500));
        assertEquals(0.1, schedule.density(10_000));
        assertArrayEquals(new long[] {100, 150, 200, 250, 300, 350, 400, 450, 500},
                java.util.stream.LongStream.range(0, 1000).filter(schedule::due).toArray());
        assertTrue(new GradualPruning(0.5, 0.1, 0, 7, 3).due(7));
        assertThrows(IllegalArgumentException.class, () -> new GradualPruning(0.1, 0.5, 0, 10, 1));
        assertThrows(IllegalArgumentException.class, () -> new GradualPruning(1, 0.1, 10, 10, 1));
    }

    /** Values of another mask would give a mask of other weights. */
    @Test
    void whatDoesNotFitAMaskIsRefused() {
        Mask mask = Mask.of(10, new int[] {1, 4, 7, 9});
        assertArrayEquals(new int[] {4, 9}, Magnitude.keepLargest(mask, new float[] {1, -3, 0, 2}, 2).indices());
        for (Executable call : List.<Executable>of(() -> Magnitude.keepLargest(mask, new float[] {1, 2, 3}, 2),
                () -> Magnitude.keepLargest(mask, new float[] {1, 2, 3, 4, 5}, 5), () -> Magnitude.prefix(mask, new int[] {0, 1}, 3),
                () -> Magnitude.prefix(mask, new int[] {0, 1}, -1), () -> Magnitude.prefix(mask, new int[] {0, 4}, 2),
                () -> Magnitude.prefix(Mask.full(4), new int[] {-1}, 1), () -> Magnitude.smallest(new float[3], -1))) {
            String said = assertThrows(IllegalArgumentException.class, call).getMessage();
            assertTrue(said.startsWith("magnitude: "), said);
        }
    }
}
