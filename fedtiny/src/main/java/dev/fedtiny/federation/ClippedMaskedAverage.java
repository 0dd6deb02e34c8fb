package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.List;

/** {@link MaskedAverage} of models of which each device's change, at the positions that it holds, has at most a given norm. */
final class ClippedMaskedAverage implements Aggregation.MaskedSum {
    private final double norm;
    private final Baseline before;
    private final MaskedAverage mean = new MaskedAverage();

    /** Nothing added yet. */
    ClippedMaskedAverage(double norm, Baseline dense) {
        this.norm = norm;
        this.before = dense;
    }

    @Override
    public void add(int weight, List<Mask> masks, List<float[]> values) {
        List<float[]> held = new ArrayList<>();
        for (int p = 0; p < masks.size(); p++) {
            held.add(masks.get(p).gather(before.values().get(p)));
        }
        mean.add(weight, masks, ClippedAverage.clipped(norm, held, before.kinds(), values));
    }

    @Override
    public void merge(Aggregation.MaskedSum other) {
        if (!(other instanceof ClippedMaskedAverage that) || that.norm != norm) {
            throw new IllegalArgumentException("average: a mean clipped at " + norm + " is put together with "
                    + other.getClass().getSimpleName() + " of another rule");
        }
        mean.merge(that.mean);
    }

    @Override
    public long weights() {
        return mean.weights();
    }

    @Override
    public ModelState united(ModelState state) {
        return mean.united(state);
    }

    @Override
    public ModelState into(ModelState dense) {
        return mean.into(dense);
    }
}
