package dev.fedtiny.federation;

import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Holds the models of all devices, and puts every coordinate together over those that hold it. Memory: 4 bytes a kept value and device, and
 * the devices' masks. What a single device holds is that device's.
 */
final class MaskedCoordinateAverage implements Aggregation.MaskedSum {
    private final Aggregation.CoordinateWise rule;
    private final List<List<Mask>> masks = new ArrayList<>();
    private final List<List<float[]>> values = new ArrayList<>();
    private long total;

    MaskedCoordinateAverage(Aggregation.CoordinateWise rule) {
        this.rule = rule;
    }

    @Override
    public void add(int weight, List<Mask> deviceMasks, List<float[]> deviceValues) {
        masks.add(deviceMasks);
        values.add(deviceValues);
        total += weight;
    }

    @Override
    public void merge(Aggregation.MaskedSum other) {
        if (!(other instanceof MaskedCoordinateAverage that) || !that.rule.equals(rule)) {
            throw new IllegalArgumentException("average: " + rule + " is put together with " + other.getClass().getSimpleName()
                    + " of another rule");
        }
        masks.addAll(that.masks);
        values.addAll(that.values);
        total += that.total;
    }

    @Override
    public long weights() {
        return total;
    }

    /** Takes a parameter's coordinates that somebody holds, in their order. */
    private interface Taker {
        void take(int index, float value);
    }

    private void walk(int parameter, int size, Taker taker) {
        int[] places = new int[masks.size()];
        float[] column = new float[masks.size()];
        for (int index = 0; index < size; index++) {
            int count = 0;
            for (int k = 0; k < places.length; k++) {
                Mask mask = masks.get(k).get(parameter);
                if (places[k] < mask.count() && mask.index(places[k]) == index) {
                    column[count++] = values.get(k).get(parameter)[places[k]++];
                }
            }
            if (count > 0) {
                Arrays.sort(column, 0, count);
                taker.take(index, rule.centre(column, count));
            }
        }
    }

    @Override
    public ModelState united(ModelState state) {
        List<Mask> united = new ArrayList<>();
        List<float[]> centres = new ArrayList<>();
        for (int p = 0; p < state.masks().size(); p++) {
            int size = state.mask(p).size();
            int[] kept = new int[size];
            float[] centre = new float[size];
            int[] count = new int[1];
            walk(p, size, (index, value) -> {
                kept[count[0]] = index;
                centre[count[0]++] = value;
            });
            united.add(Mask.of(size, Arrays.copyOf(kept, count[0])));
            centres.add(Arrays.copyOf(centre, count[0]));
        }
        return ModelState.of(state.network(), united, centres);
    }

    @Override
    public ModelState into(ModelState dense) {
        List<float[]> all = new ArrayList<>();
        for (int p = 0; p < dense.masks().size(); p++) {
            float[] array = dense.values(p).clone();
            walk(p, array.length, (index, value) -> array[index] = value);
            all.add(array);
        }
        return ModelState.of(dense.network(), dense.masks(), all);
    }
}
