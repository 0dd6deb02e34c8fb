package dev.fedtiny.method;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** Keeps the weights of largest score: score descending, then layer and index ascending. */
public final class ScorePruning {
    /** What weights compete with. */
    public static final SettingSpec<ScoreScope> SCOPE = SettingSpec.choice("score-scope", "layer",
            "snip, synflow: what weights compete with: layer, or global", ScoreScope.class);
    /** The most steps that a density comes down in. */
    public static final int MOST_STEPS = 1_000_000;

    private ScorePruning() {
    }

    /**
     * The state at a lower density.
     *
     * @param scores for every prunable parameter one a kept weight, at least 0
     * @param density of every layer, or of all together
     * @throws ArithmeticException if a score is not finite
     */
    public static ModelState keep(ModelState state, List<float[]> scores, double density, ScoreScope scope) {
        for (float[] layer : scores) {
            for (float score : layer) {
                if (!Float.isFinite(score)) {
                    throw new ArithmeticException("a pruning score is " + score + "; use a smaller pretraining learning rate");
                }
            }
        }
        List<Integer> prunable = state.network().prunable();
        int[] counts = scope == ScoreScope.LAYER ? Magnitude.atMost(state, LayerCounts.uniform(state.network(), density))
                : globalCounts(state, scores, density);
        List<Mask> masks = new ArrayList<>(state.masks());
        for (int i = 0; i < counts.length; i++) {
            int p = prunable.get(i);
            masks.set(p, Magnitude.keepLargest(state.mask(p), scores.get(i), counts[i]));
        }
        return state.masked(masks);
    }

    /**
     * FLOPs of scoring before each of several steps, every layer at the same density after each.
     *
     * @param densities after step i, from 1 on
     * @param scoring FLOPs of scoring a model, by its kept counts
     */
    public static long flops(Network network, int steps, IntToDoubleFunction densities, ToLongFunction<ModelState> scoring) {
        long flops = 0;
        int[] kept = LayerCounts.uniformOfAll(network, 1);
        for (int step = 1; step <= steps; step++) {
            flops = Exact.sum("FLOPs of scoring", flops, scoring.applyAsLong(counted(network, kept)));
            int[] next = LayerCounts.uniformOfAll(network, densities.applyAsDouble(step));
            for (int p = 0; p < kept.length; p++) {
                kept[p] = Math.min(kept[p], next[p]);
            }
        }
        return flops;
    }

    /** A state that keeps the right number of weights of every parameter, whichever: enough to count FLOPs by. */
    private static ModelState counted(Network network, int[] kept) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < kept.length; p++) {
            masks.add(Mask.of(network.parameters().get(p).size(), IntStream.range(0, kept[p]).toArray()));
            values.add(new float[kept[p]]);
        }
        return ModelState.of(network, masks, values);
    }

    /** How many of the best ⌊d·N⌋ of all lie in each layer, its best one always among them. */
    private static int[] globalCounts(ModelState state, List<float[]> scores, double density) {
        long budget = LayerCounts.budget(LayerCounts.sizes(state.network()), density);
        int total = scores.stream().mapToInt(layer -> layer.length).sum();
        long[] keys = new long[total - scores.size()];
        int[] layers = new int[total];
        int at = 0;
        int place = 0;
        for (int i = 0; i < scores.size(); i++) {
            float[] layer = scores.get(i);
            int best = Magnitude.ranking(layer)[0];
            for (int j = 0; j < layer.length; j++, place++) {
                layers[place] = i;
                if (j != best) {
                    // Bits of numbers of at least 0 order as they do; negated, so that ascending keys mean descending scores.
                    keys[at++] = (long) (Integer.MAX_VALUE - Float.floatToRawIntBits(Math.abs(layer[j]))) << 32 | place;
                }
            }
        }
        Arrays.sort(keys);
        int[] counts = new int[scores.size()];
        Arrays.fill(counts, 1);
        for (int i = 0; i < Math.min(keys.length, budget - counts.length); i++) {
            counts[layers[(int) keys[i]]]++;
        }
        return counts;
    }
}
