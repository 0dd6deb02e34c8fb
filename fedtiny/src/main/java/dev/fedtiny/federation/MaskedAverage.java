package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The mean of models under different masks, coordinate by coordinate over those that hold it: θ_i = Σ n_k·θ_ki / Σ n_k, exact sums. Its
 * memory, 24 bytes a position of the dense network, does not grow with the fleet. Not thread-safe.
 */
final class MaskedAverage implements Aggregation.MaskedSum {
    private List<ExactSums> sums = List.of();
    private long[][] weights = new long[0][];
    private long total;

    @Override
    public void add(int weight, List<Mask> masks, List<float[]> values) {
        begin(masks.stream().mapToInt(Mask::size).toArray());
        for (int i = 0; i < sums.size(); i++) {
            Mask mask = masks.get(i);
            float[] array = values.get(i);
            ExactSums sum = sums.get(i);
            sum.begin();
            for (int j = 0; j < array.length; j++) {
                sum.add(mask.index(j), (double) weight * array[j]);
                weights[i][mask.index(j)] += weight;
            }
        }
        total = Math.addExact(total, weight);
    }

    private void begin(int[] sizes) {
        if (total == 0) {
            sums = Arrays.stream(sizes).mapToObj(ExactSums::new).toList();
            weights = Arrays.stream(sizes).mapToObj(long[]::new).toArray(long[][]::new);
        }
    }

    @Override
    public void merge(Aggregation.MaskedSum other) {
        if (!(other instanceof MaskedAverage that)) {
            throw new IllegalArgumentException("average: a mean is put together with " + other.getClass().getSimpleName());
        }
        if (that.total == 0) {
            return;
        }
        begin(that.sums.stream().mapToInt(ExactSums::count).toArray());
        for (int i = 0; i < weights.length; i++) {
            sums.get(i).merge(that.sums.get(i));
            for (int j = 0; j < weights[i].length; j++) {
                weights[i][j] += that.weights[i][j];
            }
        }
        total = Math.addExact(total, that.total);
    }

    @Override
    public long weights() {
        return total;
    }

    private float mean(int parameter, int index) {
        return (float) (sums.get(parameter).sum(index) / weights[parameter][index]);
    }

    @Override
    public ModelState united(ModelState state) {
        List<Mask> masks = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            int count = 0;
            int[] kept = new int[weights[i].length];
            float[] mean = new float[kept.length];
            for (int j = 0; j < kept.length; j++) {
                if (weights[i][j] > 0) {
                    kept[count] = j;
                    mean[count++] = mean(i, j);
                }
            }
            masks.add(Mask.of(kept.length, Arrays.copyOf(kept, count)));
            values.add(Arrays.copyOf(mean, count));
        }
        return ModelState.of(state.network(), masks, values);
    }

    @Override
    public ModelState into(ModelState dense) {
        List<float[]> values = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            float[] array = dense.values(i).clone();
            for (int j = 0; j < array.length; j++) {
                if (weights[i][j] > 0) {
                    array[j] = mean(i, j);
                }
            }
            values.add(array);
        }
        return ModelState.of(dense.network(), dense.masks(), values);
    }
}
