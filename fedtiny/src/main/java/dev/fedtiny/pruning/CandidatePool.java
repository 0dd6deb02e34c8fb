package dev.fedtiny.pruning;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The coarse masks that devices choose from (stage one, step 1): the same dense model pruned by magnitude to different densities a layer.
 * Inside a layer all candidates are prefixes of one ranking, so their masks are nested.
 *
 * <p>Candidate c draws d_l = d·(0.5 + U) for every layer from its own named stream, so a pool of 5 is the beginning of a pool of 10; it is
 * accepted when max(layers, ⌈0.98·B⌉) ≤ Σ k_l ≤ B = ⌊d·N⌋. After 200 rejected draws the nearest one is made to fit.
 */
public final class CandidatePool {
    private static final int DRAWS = 200;

    private final ModelState pretrained;
    private final List<int[]> activeCounts;
    private final Supplier<int[][]> rankings;

    private CandidatePool(ModelState pretrained, List<int[]> activeCounts, Supplier<int[][]> rankings) {
        this.pretrained = pretrained;
        this.activeCounts = activeCounts;
        this.rankings = rankings;
    }

    /** The order of every prunable layer, found when first asked for. */
    private static Supplier<int[][]> rankings(ModelState pretrained) {
        int[][][] found = new int[1][][];
        return () -> {
            synchronized (found) {
                if (found[0] == null) {
                    found[0] = pretrained.network().prunable().stream().map(p -> Magnitude.ranking(pretrained.values(p)))
                            .toArray(int[][]::new);
                }
                return found[0];
            }
        };
    }

    /**
     * The same candidates for devices that can hold a part of each: the same share of every layer ({@link PartCounts}), at most what a
     * larger part keeps.
     *
     * @param larger a pool of the same candidates, whose candidates these are parts of
     * @param share of this pool's counts, in (0, 1]
     * @param budget the most weights of a part
     * @return their pool
     */
    public CandidatePool part(CandidatePool larger, double share, long budget) {
        List<int[]> counts = new ArrayList<>();
        for (int c = 0; c < activeCounts.size(); c++) {
            counts.add(PartCounts.of(activeCounts.get(c), larger.activeCounts.get(c), share, budget));
        }
        return new CandidatePool(pretrained, counts, rankings);
    }

    /**
     * C = ⌈0.1 / d⌉: the pool's traffic stays near a tenth of the dense model.
     *
     * @param density d, in (0, 1]
     * @return C
     */
    public static int defaultSize(double density) {
        LayerCounts.checkDensity(density);
        return Math.max(1, (int) StrictMath.ceil(0.1 / density));
    }

    /**
     * Draws a pool.
     *
     * @param pretrained dense
     * @param density d, over all prunable weights
     * @param candidates C
     * @param seed of the named streams of all candidates and layers
     * @return the pool; masks are made when they are asked for
     * @throws IllegalArgumentException if the density leaves fewer than one weight a layer; names the smallest possible one
     */
    public static CandidatePool draw(ModelState pretrained, double density, int candidates, long seed) {
        LayerCounts.checkDensity(density);
        if (candidates < 1) {
            throw new IllegalArgumentException("candidate pool: size " + candidates + ", must be at least 1");
        }
        int[] sizes = LayerCounts.sizes(pretrained.network());
        long budget = LayerCounts.budget(sizes, density);
        long least = Math.max(sizes.length, (long) StrictMath.ceil(0.98 * budget));
        List<int[]> counts = new ArrayList<>();
        for (int c = 0; c < candidates; c++) {
            counts.add(candidateCounts(sizes, density, least, budget, RandomStream.of(seed, "candidate", c)));
        }
        return new CandidatePool(pretrained, counts, rankings(pretrained));
    }

    private static int[] candidateCounts(int[] sizes, double density, long least, long budget, RandomStream random) {
        int[] nearest = null;
        long nearestDistance = Long.MAX_VALUE;
        for (int draw = 0; draw < DRAWS; draw++) {
            int[] counts = new int[sizes.length];
            long sum = 0;
            for (int i = 0; i < sizes.length; i++) {
                double layerDensity = density * (0.5 + random.nextDouble());
                counts[i] = Math.clamp((long) StrictMath.floor(layerDensity * sizes[i]), 1, sizes[i]);
                sum += counts[i];
            }
            long distance = sum > budget ? sum - budget : Math.max(0, least - sum);
            if (distance == 0) {
                return counts;
            }
            if (distance < nearestDistance) {
                nearestDistance = distance;
                nearest = counts;
            }
        }
        return LayerCounts.fit(nearest, sizes, least, budget);
    }

    /** {@return the number of candidates C} */
    public int size() {
        return activeCounts.size();
    }

    /** {@return the dense model all candidates come from} */
    public ModelState pretrained() {
        return pretrained;
    }

    /** {@return k_l of every candidate, in the order of {@code network.prunable()}; not to be changed} */
    public List<int[]> activeCounts() {
        return activeCounts;
    }

    /**
     * Candidate c: weights of the pretrained model under its mask, statistics of the pretrained model.
     *
     * @param c from 0, below {@link #size()}
     * @return a state of its own under nested masks
     */
    public ModelState candidate(int c) {
        return under(activeCounts.get(c));
    }

    /** {@return the union of all candidates: per layer the longest prefix} One weight set and C vectors of counts are the whole pool. */
    public ModelState union() {
        int[] largest = activeCounts.getFirst().clone();
        for (int[] counts : activeCounts) {
            for (int i = 0; i < largest.length; i++) {
                largest[i] = Math.max(largest[i], counts[i]);
            }
        }
        return under(largest);
    }

    private ModelState under(int[] counts) {
        List<Integer> prunable = pretrained.network().prunable();
        int[][] order = rankings.get();
        List<Mask> masks = new ArrayList<>(pretrained.masks());
        for (int i = 0; i < counts.length; i++) {
            int p = prunable.get(i);
            masks.set(p, Magnitude.prefix(pretrained.mask(p), order[i], counts[i]));
        }
        return pretrained.masked(masks);
    }
}
