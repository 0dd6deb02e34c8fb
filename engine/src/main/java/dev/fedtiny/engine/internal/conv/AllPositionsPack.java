package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.sparse.Mask;

/** A place for every position, pruned or not: gradients are summed over the whole batch at once, of all positions. */
abstract class AllPositionsPack extends PackedWeights {
    final Mask mask;
    private final int[] rowBegins;

    AllPositionsPack(KernelRegistry kernels, ScratchLayout layout, Mask mask, boolean backwardData) {
        super(kernels, layout, backwardData);
        this.mask = mask;
        rowBegins = new int[rows + 1];
        for (int i = 0; i < mask.count(); i++) {
            rowBegins[mask.index(i) / columns + 1]++;
        }
        for (int k = 0; k < rows; k++) {
            rowBegins[k + 1] += rowBegins[k];
        }
    }

    @Override
    public final boolean accumulates() {
        return false;
    }

    @Override
    public final void accumulate(float[] x, int xBase, float[] dz, int dzBase, float[] accumulators, int accumulatorsBase, int from,
            int to) {
        throw new IllegalStateException("dense weights have no accumulators; use denseGradient");
    }

    @Override
    public final int rowBegin(int row) {
        return rowBegins[row];
    }

    @Override
    public long indexBytes() {
        return 4L * (offsets.length + rowBegins.length);
    }
}
