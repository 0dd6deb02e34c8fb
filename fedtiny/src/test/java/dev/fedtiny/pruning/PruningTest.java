package dev.fedtiny.pruning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.pruning.GrowAndPrune;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.LayerGradient;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PruningTest {
    private static ModelState resnet(int width) {
        return Initializer.initialize(new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), width, 10).build(), 7);
    }

    @Test
    void orderIsMagnitudeThenIndex() {
        float[] values = {0.5f, -2, 2, -0.0f, 0, 1};
        assertArrayEquals(new int[] {1, 2, 5, 0, 3, 4}, Magnitude.ranking(values));
        Mask mask = Magnitude.keepLargest(Mask.of(10, new int[] {0, 2, 4, 6, 8, 9}), values, 3);
        assertArrayEquals(new int[] {2, 4, 9}, mask.indices());
        assertThrows(IllegalArgumentException.class, () -> Magnitude.ranking(new float[] {1, Float.NaN}));
    }

    @Test
    void candidatesFitTheBudgetAndAreNested() {
        ModelState state = resnet(8);
        long total = state.network().prunable().stream().mapToLong(p -> state.mask(p).size()).sum();
        CandidatePool pool = CandidatePool.draw(state, 0.05, 10, 3);
        CandidatePool half = CandidatePool.draw(state, 0.05, 5, 3);
        long budget = (long) Math.floor(0.05 * total);
        ModelState union = pool.union();
        for (int c = 0; c < 10; c++) {
            ModelState candidate = pool.candidate(c);
            assertTrue(candidate.prunableActive() <= budget && candidate.prunableActive() >= Math.ceil(0.98 * budget),
                    "candidate " + c + " keeps " + candidate.prunableActive() + " of a budget of " + budget);
            if (c < 5) {
                assertArrayEquals(half.activeCounts().get(c), pool.activeCounts().get(c));
            }
            for (int p : state.network().prunable()) {
                for (int i = 0; i < candidate.mask(p).count(); i++) {
                    assertTrue(union.mask(p).contains(candidate.mask(p).index(i)));
                }
            }
        }
        assertEquals(2, CandidatePool.defaultSize(0.05));
        var error = assertThrows(IllegalArgumentException.class, () -> CandidatePool.draw(state, 1e-5, 1, 0));
        assertTrue(error.getMessage().contains("smallest possible density"), error.getMessage());
    }

    @Test
    void tightBudgetsAreMadeToFit() {
        ModelState state = resnet(1);
        int layers = state.network().prunable().size();
        long total = state.network().prunable().stream().mapToLong(p -> state.mask(p).size()).sum();
        double density = Math.nextUp((double) layers / total);
        assertEquals(layers, CandidatePool.draw(state, density, 1, 1).candidate(0).prunableActive());
        double full = 1;
        long kept = CandidatePool.draw(state, full, 1, 1).candidate(0).prunableActive();
        assertTrue(kept <= total && kept >= Math.ceil(0.98 * total), kept + " of " + total);
    }

    /** The smallest layers keep a weight each; what that costs is taken from the largest. */
    @Test
    void uniformCountsHoldTheBudget() {
        int[] sizes = {100, 10, 1000, 10, 10, 1000};
        assertArrayEquals(new int[] {1, 1, 7, 1, 1, 10}, LayerCounts.uniform(sizes, 0.01), "24 of a budget of 21 without the walk");
        assertArrayEquals(new int[] {10, 1, 100, 1, 1, 100}, LayerCounts.uniform(sizes, 0.1), "floors that hold stay");
        assertArrayEquals(sizes, LayerCounts.uniform(sizes, 1));
        assertArrayEquals(new int[] {1, 1}, LayerCounts.uniform(new int[] {1, 1}, 1));
        var error = assertThrows(IllegalArgumentException.class, () -> LayerCounts.uniform(sizes, 0.002));
        assertTrue(error.getMessage().contains("keeps 4 of 2130 weights, fewer than one for each of 6 prunable layers")
                && error.getMessage().endsWith("the smallest possible density is " + LayerCounts.smallestDensity(sizes)),
                error.getMessage());
        for (double bad : new double[] {0, -0.1, 1.1, Double.NaN}) {
            assertThrows(IllegalArgumentException.class, () -> LayerCounts.uniform(sizes, bad));
        }
    }

    @Test
    void theBudgetHoldsNearTheSmallestDensityOfAnyLayers() {
        RandomStream random = RandomStream.of(5, "layers");
        for (int trial = 0; trial < 300; trial++) {
            int[] sizes = new int[1 + random.nextInt(20)];
            Arrays.setAll(sizes, i -> 1 + random.nextInt(i % 3 == 0 ? 5 : 3000));
            long total = IntStream.of(sizes).asLongStream().sum();
            double smallest = LayerCounts.smallestDensity(sizes);
            assertThrows(IllegalArgumentException.class, () -> LayerCounts.uniform(sizes, Math.nextDown(smallest)));
            for (double density : new double[] {smallest, 1.3 * smallest, 2 * smallest, 5 * smallest, 0.5, 0.9, 1}) {
                double d = Math.min(1, density);
                if (d >= smallest) {
                    int[] counts = LayerCounts.uniform(sizes, d);
                    assertTrue(IntStream.of(counts).asLongStream().sum() <= (long) Math.floor(d * total), Arrays.toString(sizes) + d);
                    for (int i = 0; i < sizes.length; i++) {
                        assertTrue(counts[i] >= 1 && counts[i] <= Math.max(1, Math.floor(d * sizes[i])), Arrays.toString(sizes) + d);
                    }
                }
            }
            assertEquals(sizes.length, IntStream.of(LayerCounts.uniform(sizes, smallest)).sum());
        }
    }

    @Test
    void scheduleHasThePapersCounts() {
        AdjustmentSchedule usual = AdjustmentSchedule.usual(300);
        assertEquals(new AdjustmentSchedule(10, 100, Granularity.BLOCK, Order.BACKWARD), usual);
        assertEquals(9, usual.adjustments(300));
        assertEquals(9, IntStream.range(0, 300).filter(usual::adjusts).count());
        int[] rounds = {10, 20, 30, 50, 80, 90};
        double[] shares = {0.2927, 0.2714, 0.2382, 0.15, 0.0286, 0.0073};
        for (int i = 0; i < rounds.length; i++) {
            assertEquals(shares[i], usual.count(rounds[i], 1_000_000, 100_000_000) / 1e6, 5e-5);
        }
        assertEquals(3, usual.count(10, 100, 103), "no more than there are pruned positions");
        AdjustmentSchedule tenth = new AdjustmentSchedule(10, 100, Granularity.BLOCK, Order.BACKWARD, 0.1);
        for (int i = 0; i < rounds.length; i++) {
            assertEquals(shares[i] / 3, tenth.count(rounds[i], 1_000_000, 100_000_000) / 1e6, 5e-5);
        }
        Network network = resnet(2).network();
        assertEquals(network.blocks().get(3).parameters(), usual.layers(network, 0));
        assertEquals(network.blocks().get(2).parameters(), usual.layers(network, 5));
        AdjustmentSchedule forward = new AdjustmentSchedule(1, 5, Granularity.LAYER, Order.FORWARD);
        assertEquals(List.of(network.prunable().get(1)), forward.layers(network, 1));
        assertEquals(network.prunable(), new AdjustmentSchedule(1, 5, Granularity.ENTIRE, Order.FORWARD).layers(network, 3));
    }

    @Test
    void uniformFloorsHaveTheKnownCounts() {
        Network network = new NetworkSpec(Architecture.ofKey("resnet18"), new Shape(3, 32, 32), 64, 10).build();
        AdjustmentSchedule usual = AdjustmentSchedule.usual(300);
        List<Integer> block = usual.layers(network, 0);
        int linear = network.indexOf("fc.weight");
        int kept = 0;
        int counts = 0;
        for (int p : block) {
            int size = network.parameters().get(p).size();
            int m = (int) Math.floor(0.01 * size);
            if (p == linear) {
                assertEquals(51, m);
                assertEquals(14, usual.count(10, m, size));
            } else {
                kept += m;
                counts += usual.count(10, m, size);
            }
        }
        assertEquals(83_882, kept);
        assertEquals(24_547, counts);
    }

    @Test
    void atMostPrunesNoLayerThatKeepsLess() {
        ModelState some = Magnitude.uniform(resnet(4), 0.1);
        assertEquals(some.masks(), Magnitude.atMost(some, 0.5).masks());
        assertEquals(Magnitude.uniform(resnet(4), 0.02).masks(), Magnitude.atMost(some, 0.02).masks());
    }

    @Test
    void adjustmentKeepsTheCountAndNeverReturnsWhatItPruned() {
        ModelState state = Magnitude.uniform(resnet(4), 0.1);
        int p = state.network().prunable().get(2);
        Mask mask = state.mask(p);
        int[] pruned = IntStream.range(0, mask.size()).filter(i -> !mask.contains(i)).toArray();
        LayerGradient total = new LayerGradient(p, 6, new int[] {pruned[1], pruned[2], pruned[4], pruned[7], pruned[9]},
                new double[] {1.5, Double.NaN, 0, 2, -3.75});
        GrowAndPrune.Adjusted adjusted = GrowAndPrune.apply(state, List.of(total));
        GrowAndPrune.Change change = adjusted.changes().getFirst();
        assertArrayEquals(new int[] {pruned[1], pruned[7], pruned[9]}, change.grown());
        assertEquals(3, change.pruned().length);
        Mask after = adjusted.state().mask(p);
        assertEquals(mask.count(), after.count());
        for (int i : change.grown()) {
            assertEquals(0, adjusted.state().values(p)[after.find(i)]);
        }
        float[] before = state.values(p);
        float largestPruned = 0;
        for (int i : change.pruned()) {
            assertFalse(after.contains(i));
            largestPruned = Math.max(largestPruned, Math.abs(before[mask.find(i)]));
        }
        float[] sorted = before.clone();
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = Math.abs(sorted[i]);
        }
        Arrays.sort(sorted);
        assertEquals(sorted[2], largestPruned);
        assertThrows(IllegalArgumentException.class, () -> GrowAndPrune.apply(state,
                List.of(new LayerGradient(p, 1, new int[] {mask.index(0)}, new double[] {1}))));
    }
}
