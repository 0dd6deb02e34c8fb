package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The mean of models under different masks, coordinate by coordinate over those that hold it: θ_i = Σ n_k·θ_ki / Σ n_k, sums in double. Its
 * memory, 16 bytes a position of the dense network, does not grow with the fleet. Not thread-safe.
 */
public final class MaskedAverage implements Aggregation.MaskedSum {
    private double[][] sums = new double[0][];
    private double[][] weights = new double[0][];
    private double total;

    /** Nothing added yet. */
    public MaskedAverage() {
    }

    /**
     * Adds a device.
     *
     * @param weight n_k, above 0
     * @param masks one a parameter
     * @param values one array a parameter, kept positions
     */
    @Override
    public void add(double weight, List<Mask> masks, List<float[]> values) {
        if (total == 0) {
            sums = masks.stream().map(mask -> new double[mask.size()]).toArray(double[][]::new);
            weights = masks.stream().map(mask -> new double[mask.size()]).toArray(double[][]::new);
        }
        for (int i = 0; i < sums.length; i++) {
            Mask mask = masks.get(i);
            float[] array = values.get(i);
            for (int j = 0; j < array.length; j++) {
                sums[i][mask.index(j)] += weight * array[j];
                weights[i][mask.index(j)] += weight;
            }
        }
        total += weight;
    }

    /** Σ of the weights of all devices; 0 when nobody was added. */
    @Override
    public double weights() {
        return total;
    }

    /** The mean under the union of all masks. */
    @Override
    public ModelState united(ModelState state) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            int count = 0;
            int[] kept = new int[sums[i].length];
            float[] mean = new float[sums[i].length];
            for (int j = 0; j < sums[i].length; j++) {
                if (weights[i][j] > 0) {
                    kept[count] = j;
                    mean[count++] = (float) (sums[i][j] / weights[i][j]);
                }
            }
            masks.add(Mask.of(kept.length, Arrays.copyOf(kept, count)));
            values.add(Arrays.copyOf(mean, count));
        }
        return ModelState.of(state.network(), masks, values);
    }

    /** A dense state with the mean at every position that somebody holds; the others stay. */
    @Override
    public ModelState into(ModelState dense) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            float[] array = dense.values(i).clone();
            for (int j = 0; j < array.length; j++) {
                if (weights[i][j] > 0) {
                    array[j] = (float) (sums[i][j] / weights[i][j]);
                }
            }
            values.add(array);
        }
        return ModelState.of(dense.network(), dense.masks(), values);
    }
}
