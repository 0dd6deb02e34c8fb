package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.model.Mode;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.runtime.Workers;
import dev.fedtiny.engine.sparse.Mask;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Looks whether what a session holds is finite, and names the first place where it is not. Looking allocates nothing. */
final class NonFiniteSearch {
    private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
    /** With fewer values than this the caller looks alone: waking the others would take longer. */
    private static final long FEW_VALUES = 1 << 15;

    private final Network network;
    private final ExecutionPlan plan;
    private final RunContext pass;
    private final ParameterArrays arrays;
    private final Workers.Task task = this::look;
    private float[][] looked;
    private volatile boolean found;

    NonFiniteSearch(Network network, ExecutionPlan plan, RunContext pass, ParameterArrays arrays) {
        this.network = network;
        this.plan = plan;
        this.pass = pass;
        this.arrays = arrays;
    }

    static boolean finite(float[] values, int from, int count) {
        return Step.ELEMENTWISE.largestMagnitude(values, from, count) < INFINITY;
    }

    /** Whether all arrays of trained parameters are finite. */
    boolean finite(float[][] all) {
        long count = 0;
        for (int i = 0; i < all.length; i++) {
            count += arrays.gradients[i] == null ? 0 : all[i].length;
        }
        looked = all;
        found = false;
        if (count < FEW_VALUES) {
            look(0, 1);
        } else {
            pass.team.workers.run(task);
        }
        looked = null;
        return !found;
    }

    private void look(int worker, int workers) {
        for (int i = 0; i < looked.length && !found; i++) {
            if (arrays.gradients[i] != null) {
                int from = (int) ((long) looked[i].length * worker / workers);
                int to = (int) ((long) looked[i].length * (worker + 1) / workers);
                if (!finite(looked[i], from, to - from)) {
                    found = true;
                }
            }
        }
    }

    /** Refuses images, N,C,H,W, that are not all numbers. */
    void checkImages(float[] nchw, int count) {
        int size = network.input().size();
        if (!finite(nchw, 0, count * size)) {
            for (int i = 0; i < count * size; i++) {
                if (!Float.isFinite(nchw[i])) {
                    throw image(i / size, i % size, nchw[i]);
                }
            }
        }
    }

    /** The same of the images as they lie in the session. */
    void checkLaidOutImages(int count) {
        StoredActivation map = plan.images;
        if (!finite(map.data, map.origin, Layout.IMAGES.groups(count) * map.groupFloats)) {
            for (int image = 0; image < count; image++) {
                for (int i = 0; i < map.shape.size(); i++) {
                    float value = map.data[map.position(image, i)];
                    if (!Float.isFinite(value)) {
                        throw image(image, i, value);
                    }
                }
            }
        }
    }

    private NonFiniteException image(int image, int index, float value) {
        return new NonFiniteException("session: image " + image + " holds " + value + " at index " + index + " " + place(network.input(),
                index)
                + "; every value of an image must be finite");
    }

    /** Refuses a gradient of the outputs, N,C,H,W, that is not all numbers. */
    void checkOutputGradient(float[] gradient, int size) {
        for (int i = 0; i < gradient.length; i++) {
            if (!Float.isFinite(gradient[i])) {
                throw new NonFiniteException("session: the output gradient of image " + i / size + " is " + gradient[i] + " at output "
                        + i % size + "; every value must be finite");
            }
        }
    }

    /** Whether the pass under way, whose steps have run, gave finite statistics and outputs. */
    boolean finitePass() {
        for (int i = 0; i < plan.norms.size(); i++) {
            if (!plan.norms.get(i).finite) {
                return false;
            }
        }
        for (int output = 0; output < plan.outputs.size(); output++) {
            if (!finite(plan.outputs.get(output).map)) {
                return false;
            }
        }
        return true;
    }

    private boolean finite(StoredActivation map) {
        for (int image = 0; image < pass.count(); image++) {
            for (int i = 0; i < map.shape.size(); i++) {
                if (!Float.isFinite(map.data[map.position(image, i)])) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Runs the steps of the pass under way once more, to find the first that gives something else than numbers. */
    NonFiniteException inForward(String when) {
        if (plan.images.value != null && plan.images.value.norm != null && !plan.images.value.norm.finite) {
            return statistics(when, plan.images.value.norm);
        }
        for (Step step : plan.steps.subList(plan.firstStep(), plan.steps.size())) {
            Normalization norm = step.output.map.value == null ? null : step.output.map.value.norm;
            for (int parameter : parameters(step, norm)) {
                int at = firstIn(arrays.values[parameter]);
                if (at >= 0) {
                    return value(when, "'" + network.parameters().get(parameter).name() + "'", parameter, arrays.values[parameter], at);
                }
            }
            step.run();
            String seen = seen(step.output.map);
            if (seen != null) {
                return new NonFiniteException(when + ": layer '" + step.label(network) + "' gave " + seen
                        + " though what it read was finite: values have grown beyond single precision; use a smaller learning rate, or "
                        + "images scaled to about 1");
            }
            if (norm != null && pass.mode != Mode.INFERENCE && !norm.finite) {
                return statistics(when, norm);
            }
        }
        return new NonFiniteException(when + ": the outputs are not finite");
    }

    private NonFiniteException statistics(String when, Normalization norm) {
        String name = network.parameters().get(norm.gammaParameter).name();
        return new NonFiniteException(when + ": the batch statistics of '" + name.substring(0, name.lastIndexOf('.'))
                + "' are not finite: what it normalises has grown beyond about 1e19, whose squares single precision cannot add; use a "
                + "smaller learning rate, or images scaled to about 1");
    }

    /** What is the first thing not finite in a map; null where there is none. */
    private String seen(StoredActivation map) {
        for (int image = 0; image < pass.count(); image++) {
            for (int i = 0; i < map.shape.size(); i++) {
                float value = map.get(map.position(image, i));
                if (!Float.isFinite(value)) {
                    return value + " for image " + image + " " + place(map.shape, i);
                }
            }
        }
        return null;
    }

    private static String place(Shape shape, int index) {
        return "(channel " + index / shape.pixels() + ", row " + index % shape.pixels() / shape.width() + ", column "
                + index % shape.width() + ")";
    }

    /** Names the first gradient that is no number, in the order in which a backward pass computes them. */
    NonFiniteException inGradients(String when) {
        for (Step step : plan.steps.reversed()) {
            Normalization norm = step.output.map.value == null ? null : step.output.map.value.norm;
            for (int parameter : parameters(step, norm).reversed()) {
                float[] gradient = arrays.gradients[parameter];
                int at = gradient == null ? -1 : firstIn(gradient);
                if (at >= 0) {
                    return value(when, "the gradient of '" + network.parameters().get(parameter).name() + "'", parameter, gradient, at);
                }
            }
        }
        return new NonFiniteException(when + ": a gradient is not finite");
    }

    /** Names the first value of a trained parameter that is no number. */
    NonFiniteException inValues(String when) {
        for (int i = 0; i < arrays.values.length; i++) {
            int at = firstIn(arrays.values[i]);
            if (at >= 0) {
                return value(when, "'" + network.parameters().get(i).name() + "'", i, arrays.values[i], at);
            }
        }
        return new NonFiniteException(when + ": a value is not finite");
    }

    private List<Integer> parameters(Step step, Normalization norm) {
        List<Integer> parameters = new ArrayList<>(step.parameters());
        if (norm != null) {
            for (int i = 0; i < Normalization.PARAMETERS; i++) {
                parameters.add(norm.gammaParameter + i);
            }
        }
        return parameters;
    }

    private static int firstIn(float[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    private NonFiniteException value(String when, String what, int parameter, float[] values, int at) {
        Mask mask = arrays.masks[parameter];
        return new NonFiniteException(when + ": " + what + " is " + values[at] + " at position " + mask.index(at) + " of " + mask.size()
                + "; use a smaller learning rate, or look at what was written there");
    }
}
