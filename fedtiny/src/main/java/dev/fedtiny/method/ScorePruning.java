package dev.fedtiny.method;

import dev.fedtiny.engine.measure.Exact;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.pruning.Allocation;
import dev.fedtiny.engine.pruning.LayerCounts;
import dev.fedtiny.engine.pruning.MagnitudePruning;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.settings.SettingSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
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
     * Scores of the pretrained model.
     *
     * @param method that asks for them, as messages name it
     * @param scoring passes of a network whose values may have grown too large in pretraining
     * @return what it gives
     * @throws ArithmeticException naming the method and pretraining, if a value is not finite
     */
    static List<float[]> scores(String method, Supplier<List<float[]>> scoring) {
        try {
            return scoring.get();
        } catch (NonFiniteException e) {
            throw (ArithmeticException) new ArithmeticException(method + " cannot score the pretrained model: " + e.getMessage()
                    + " (pretrain-learning-rate)").initCause(e);
        }
    }

    /**
     * The state at a lower density.
     *
     * @param scores for every prunable parameter one an active weight, at least 0
     * @param density of every layer, or of all together
     * @param state before
     * @param scope whether layers keep equal shares, or the largest scores of all together win
     * @return the weights that stay, under new masks
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
        ModelState scored = state;
        for (int i = 0; i < scores.size(); i++) {
            scored = scored.withValues(state.network().prunable().get(i), scores.get(i));
        }
        Allocation allocation = scope == ScoreScope.LAYER ? Allocation.UNIFORM : Allocation.GLOBAL;
        return state.masked(new MagnitudePruning(allocation).prune(scored, density).masks());
    }

    /**
     * FLOPs of scoring before each of several steps, every layer at the same density after each.
     *
     * @param densities after step i, from 1 on
     * @param scoring FLOPs of scoring a model, by its active counts
     * @param network whose prunable layers are scored
     * @param steps how many there are
     * @return FLOPs of all steps together
     */
    public static long flops(Network network, int steps, IntToDoubleFunction densities, ToLongFunction<ModelState> scoring) {
        long flops = 0;
        int[] active = LayerCounts.uniformOfAll(network, 1);
        for (int step = 1; step <= steps; step++) {
            flops = Exact.sum("FLOPs of scoring", flops, scoring.applyAsLong(counted(network, active)));
            int[] next = LayerCounts.uniformOfAll(network, densities.applyAsDouble(step));
            for (int p = 0; p < active.length; p++) {
                active[p] = Math.min(active[p], next[p]);
            }
        }
        return flops;
    }

    /** A state that keeps the right number of weights of every parameter, whichever: enough to count FLOPs by. */
    private static ModelState counted(Network network, int[] active) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int p = 0; p < active.length; p++) {
            masks.add(Mask.of(network.parameters().get(p).size(), IntStream.range(0, active[p]).toArray()));
            values.add(new float[active[p]]);
        }
        return ModelState.of(network, masks, values);
    }
}
