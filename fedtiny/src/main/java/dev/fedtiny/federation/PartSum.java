package dev.fedtiny.federation;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.sparse.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Models of devices that hold the whole model or parts of it, put together coordinate by coordinate over those that hold it: θ_i = Σ
 * n_k·θ_ki / Σ n_k, or what another rule makes of their values. A coordinate that nobody held stays as it was. Running statistics belong
 * to the network that measured them, and a part is another network: the model's are those of devices that held all of it. Devices of one
 * mask have one {@link Aggregation.Average}, so that memory grows with the number of different masks, not with that of devices, and where
 * all hold the whole model everything is that average's. Not thread-safe.
 */
public final class PartSum {
    private final Aggregation rule;
    private final ModelState before;
    private final List<Part> parts = new ArrayList<>();

    /** Devices of one mask. */
    private record Part(List<Mask> masks, Aggregation.Average average) {
    }

    /** Nobody yet. */
    PartSum(Aggregation rule, ModelState before) {
        this.rule = rule;
        this.before = before;
        this.parts.add(new Part(before.masks(), rule.average(Baseline.of(before))));
    }

    /**
     * Adds a device.
     *
     * @param weight above 0, as {@link Aggregation#weight} gives it
     * @param masks one a parameter, within the model's; the same list for all devices that hold the same
     * @param values one array a parameter, active positions; not to be changed afterwards
     * @throws ArithmeticException if a value is out of the range of sums
     * @throws IllegalArgumentException if a mask has a position that the model's has not
     */
    public void add(int weight, List<Mask> masks, List<float[]> values) {
        part(masks).average().add(weight, values);
    }

    private Part part(List<Mask> masks) {
        for (Part part : parts) {
            if (part.masks() == masks || part.masks().equals(masks)) {
                return part;
            }
        }
        for (int p = 0; p < masks.size(); p++) {
            for (int place : places(p, masks.get(p))) {
                if (place < 0) {
                    throw new IllegalArgumentException("parts of a model: a device holds a weight of '"
                            + before.network().parameters().get(p).name() + "' that the model has pruned");
                }
            }
        }
        parts.add(new Part(masks, rule.average(Baseline.of(before.masked(masks)))));
        return parts.getLast();
    }

    /** Where the positions of a mask stand among the model's; negative where they do not. */
    private int[] places(int parameter, Mask mask) {
        Mask whole = before.mask(parameter);
        int[] places = new int[mask.count()];
        for (int i = 0; i < places.length; i++) {
            places[i] = whole.isFull() ? mask.index(i) : whole.find(mask.index(i));
        }
        return places;
    }

    /**
     * Adds what devices that hold the whole model come to, of which nobody has seen the parts.
     *
     * @param whole a sum by the same rule; stays as it is, and is of no use afterwards
     */
    public void merge(Aggregation.Average whole) {
        parts.getFirst().average().merge(whole);
    }

    /**
     * What all devices weigh.
     *
     * @return Σ of the weights; 0 when nobody was added
     */
    public long weights() {
        return parts.stream().mapToLong(part -> part.average().weights()).sum();
    }

    /**
     * What devices weigh that hold the whole model.
     *
     * @return Σ of their weights; 0 when there was none
     */
    public long wholeWeights() {
        return parts.getFirst().average().weights();
    }

    /**
     * What they come to.
     *
     * @return the model with other values
     * @throws IllegalStateException if nobody was added
     */
    public ModelState model() {
        if (weights() == wholeWeights()) {
            return parts.getFirst().average().in(before);
        }
        List<Part> heard = parts.stream().filter(part -> part.average().weights() > 0).toList();
        List<float[]> values = new ArrayList<>();
        List<Parameter> parameters = before.network().parameters();
        for (int p = 0; p < parameters.size(); p++) {
            values.add(together(p, parameters.get(p).kind().trainable() ? heard
                    : heard.stream().filter(part -> part == parts.getFirst()).toList()));
        }
        return ModelState.of(before.network(), before.masks(), values);
    }

    /** One parameter over the parts given. */
    private float[] together(int parameter, List<Part> heard) {
        float[] values = before.values(parameter).clone();
        List<int[]> places = heard.stream().map(part -> places(parameter, part.masks().get(parameter))).toList();
        if (rule instanceof Aggregation.CoordinateWise coordinateWise) {
            centre(coordinateWise, parameter, heard, places, values);
        } else {
            mean(parameter, heard, places, values);
        }
        return values;
    }

    private static void mean(int parameter, List<Part> heard, List<int[]> places, float[] values) {
        ExactSums total = new ExactSums(values.length);
        long[] weights = new long[values.length];
        for (int k = 0; k < heard.size(); k++) {
            int[] from = new int[values.length];
            Arrays.fill(from, -1);
            long weight = heard.get(k).average().weights();
            for (int i = 0; i < places.get(k).length; i++) {
                from[places.get(k)[i]] = i;
                weights[places.get(k)[i]] += weight;
            }
            ExactAverage exact = heard.get(k).average() instanceof ClippedAverage clipped ? clipped.mean()
                    : (ExactAverage) heard.get(k).average();
            total.merge(exact.sums().get(parameter).spread(from));
        }
        for (int i = 0; i < values.length; i++) {
            if (weights[i] > 0) {
                values[i] = (float) (total.sum(i) / weights[i]);
            }
        }
    }

    private static void centre(Aggregation.CoordinateWise rule, int parameter, List<Part> heard, List<int[]> places, float[] values) {
        int[] next = new int[heard.size()];
        float[] column = new float[heard.stream().mapToInt(part -> ((CoordinateAverage) part.average()).devices().size()).sum()];
        for (int i = 0; i < values.length; i++) {
            int count = 0;
            for (int k = 0; k < next.length; k++) {
                if (next[k] < places.get(k).length && places.get(k)[next[k]] == i) {
                    for (List<float[]> device : ((CoordinateAverage) heard.get(k).average()).devices()) {
                        column[count++] = device.get(parameter)[next[k]];
                    }
                    next[k]++;
                }
            }
            if (count > 0) {
                Arrays.sort(column, 0, count);
                values[i] = rule.centre(column, count);
            }
        }
    }
}
