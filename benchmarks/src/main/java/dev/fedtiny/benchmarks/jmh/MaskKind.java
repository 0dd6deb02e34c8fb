package dev.fedtiny.benchmarks.jmh;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.pruning.Magnitude;
import dev.fedtiny.engine.runtime.RandomStream;
import dev.fedtiny.engine.sparse.Mask;
import java.util.Arrays;

/** How the active positions of a benchmark's weights are spread. */
public enum MaskKind {
    /** Every position alike. */
    UNIFORM {
        @Override
        Mask of(LayerShape layer, int active) {
            boolean[] all = new boolean[layer.geometry().weights()];
            choose(all, 0, all.length, active);
            return mask(all);
        }
    },
    /** The largest weights of a {@link BenchmarkModel}: of a trained one as many as its layer keeps, if that is less. */
    MAGNITUDE {
        @Override
        Mask of(LayerShape layer, int active) {
            ModelState state = BenchmarkModel.of(layer.model());
            int parameter = state.network().indexOf(layer.name() + ".weight");
            if (state.mask(parameter).size() != layer.geometry().weights()) {
                throw new IllegalArgumentException("the model's '" + layer.name() + ".weight' has " + state.mask(parameter).size()
                        + " positions, the benchmark's layer " + layer.geometry().weights() + "; use a model of full width");
            }
            return Magnitude.keepLargest(state.mask(parameter), state.values(parameter), Math.min(active, state.mask(parameter).count()));
        }
    },
    /** Half of the active positions in rows that are full, a third of the other rows empty, the rest uniform in what remains. */
    SKEWED {
        @Override
        Mask of(LayerShape layer, int active) {
            int columns = layer.geometry().columns();
            int rows = layer.geometry().outputChannels();
            boolean[] all = new boolean[rows * columns];
            int full = active / 2 / columns;
            int empty = (rows - full) / 3;
            // Where that leaves too few places, empty rows take some back.
            int first = Math.min(full + empty, rows - Math.ceilDiv(active - full * columns, columns));
            Arrays.fill(all, 0, full * columns, true);
            choose(all, first * columns, all.length, active - full * columns);
            return mask(shuffled(all, rows, columns));
        }
    };

    /**
     * A mask of a layer.
     *
     * @param active positions to keep
     */
    abstract Mask of(LayerShape layer, int active);

    /** A mask of a layer at a density; at least one position is active. */
    final Mask of(LayerShape layer, double density) {
        int size = layer.geometry().weights();
        int active = Math.max(1, (int) Math.round(density * size));
        return active >= size && this != MAGNITUDE ? Mask.full(size) : of(layer, active);
    }

    /** Sets {@code count} of the positions {@code [from, to)}. */
    private static void choose(boolean[] all, int from, int to, int count) {
        int[] positions = new int[to - from];
        Arrays.setAll(positions, i -> from + i);
        RandomStream.of(1, "benchmark-mask").shuffle(positions);
        for (int i = 0; i < count; i++) {
            all[positions[i]] = true;
        }
    }

    private static boolean[] shuffled(boolean[] all, int rows, int columns) {
        int[] order = new int[rows];
        Arrays.setAll(order, i -> i);
        RandomStream.of(1, "benchmark-rows").shuffle(order);
        boolean[] result = new boolean[all.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(all, row * columns, result, order[row] * columns, columns);
        }
        return result;
    }

    private static Mask mask(boolean[] all) {
        int[] active = new int[all.length];
        int count = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i]) {
                active[count++] = i;
            }
        }
        return Mask.of(all.length, Arrays.copyOf(active, count));
    }
}
