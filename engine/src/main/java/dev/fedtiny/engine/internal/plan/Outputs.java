package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.NonFiniteException;
import java.util.List;
import java.util.Map;

/** What a session does with the outputs of its last pass: reads them, compares them with targets, starts the backward pass from them. */
public final class Outputs {
    /** What a meter calls the loss by. */
    public int operator;
    /** One an image of a full batch. */
    public final int[] labels;
    /** Cross entropy against {@link #labels}. */
    final LabelLoss labelLoss;
    private final RunContext pass;
    private final List<FusedInput> values;
    private final OutputLoss loss;

    public Outputs(Network network, RunContext pass, ExecutionPlan plan, boolean checks) {
        this.pass = pass;
        this.values = plan.outputs;
        this.loss = new OutputLoss(pass, network.outputs(), values, checks);
        this.labels = new int[pass.batch];
        this.labelLoss = new LabelLoss(values.getFirst().map.shape);
    }

    /** The only output. */
    private StoredActivation logits() {
        return values.get(loss.only()).map;
    }

    private int size() {
        return logits().shape.size();
    }

    /** Refuses gradients of nothing, names that no output has, and names without a gradient. */
    void checkGiven(Map<String, float[]> gradients) {
        if (gradients.isEmpty()) {
            throw new IllegalArgumentException("session: there is no gradient of an output, so there is nothing to begin from; give "
                    + "that of one of Network.outputs() at least");
        }
        gradients.forEach((name, gradient) -> {
            loss.place(name);
            Given.notNull(gradient, "session: the gradient of output '" + name + "'", "a value an output in the order N,C,H,W; leave the "
                    + "output out where it has none");
        });
    }

    /** One logit. */
    public float logit(int image, int label) {
        if (image < 0 || image >= pass.count() || label < 0 || label >= size()) {
            throw new IllegalArgumentException("session: logit " + label + " of image " + image + "; the last pass had " + pass.count()
                    + " images and " + size() + " classes");
        }
        StoredActivation map = logits();
        return map.data[map.position(image, label)];
    }

    /**
     * The class of largest logit of one image; the lowest one on ties.
     *
     * @throws NonFiniteException if a logit is no number: there is no largest one then
     */
    public int predicted(int image) {
        int best = 0;
        for (int c = 0; c < size(); c++) {
            if (!Float.isFinite(logit(image, c))) {
                throw new NonFiniteException("session: the logit of class " + c + " of image " + image + " is " + logit(image, c)
                        + ", so no class can be predicted; look at the weights and at the image");
            }
        }
        for (int c = 1; c < size(); c++) {
            if (logit(image, c) > logit(image, best)) {
                best = c;
            }
        }
        return best;
    }

    /** Softmax over the outputs of one image, in double, as a new array. */
    public double[] probabilities(int image) {
        int best = predicted(image);
        double[] shares = new double[size()];
        double sum = 0;
        for (int c = 0; c < shares.length; c++) {
            shares[c] = StrictMath.exp((double) logit(image, c) - logit(image, best));
            sum += shares[c];
        }
        for (int c = 0; c < shares.length; c++) {
            shares[c] /= sum;
        }
        return shares;
    }

    /** The classes of the largest outputs of one image, largest first, lower classes first on ties, as a new array. */
    public int[] topClasses(int image, int count) {
        predicted(image);
        if (count < 1 || count > size()) {
            throw new IllegalArgumentException("session: the top " + count + " classes, must be in [1, " + size()
                    + "], the number of classes");
        }
        int[] top = new int[count];
        int found = 0;
        for (int c = 0; c < size(); c++) {
            int at = found;
            while (at > 0 && logit(image, c) > logit(image, top[at - 1])) {
                at--;
            }
            if (at < count) {
                found = Math.min(count, found + 1);
                System.arraycopy(top, at, top, at + 1, found - 1 - at);
                top[at] = c;
            }
        }
        return top;
    }

    /** Images whose largest logit (lowest class on ties) is the label. */
    public int correct() {
        labelLoss.check(logits().shape, pass.count(), labels);
        int correct = 0;
        for (int image = 0; image < pass.count(); image++) {
            correct += predicted(image) == labels[image] ? 1 : 0;
        }
        return correct;
    }

    /** Sum over the images of the cross entropy. */
    public double lossSum() {
        labelLoss.check(logits().shape, pass.count(), labels);
        pass.team.start(operator);
        double sum = loss.sum(labelLoss, labels);
        pass.team.stop(PassKind.LOSS, outputBytes());
        return sum;
    }

    /** The value of an objective. */
    public <T> double value(Objective<T> objective, T targets) {
        loss.check(objective, targets, pass.count());
        pass.team.start(operator);
        double value = loss.value(objective, targets);
        pass.team.stop(PassKind.LOSS, outputBytes());
        return value;
    }

    /**
     * Refuses targets that do not fit so many images.
     *
     * @return what the first term is divided by
     */
    public <T> double check(Objective<T> objective, T targets, int images) {
        return loss.check(objective, targets, images);
    }

    /** The backward pass starts from an objective. */
    <T> double start(Objective<T> objective, T targets) {
        pass.team.start(operator);
        double value = loss.gradient(objective, targets);
        pass.team.stop(PassKind.LOSS, 2 * outputBytes());
        return value;
    }

    private long outputBytes() {
        long bytes = 0;
        for (int i = 0; i < values.size(); i++) {
            bytes += 4L * pass.groups() * values.get(i).map.groupFloats;
        }
        return bytes;
    }

    /** The only output, N,C,H,W, as a new array. */
    public float[] values() {
        return values(values.get(loss.only()));
    }

    /** An output, N,C,H,W, as a new array. */
    public float[] values(String name) {
        return values(values.get(loss.place(name)));
    }

    /** A value, computed from the stored maps, N,C,H,W, as a new array. */
    float[] values(FusedInput value) {
        StoredActivation map = value.map;
        float[] groups = new float[Math.multiplyExact(map.layout.groups(pass.count()), map.groupFloats)];
        for (int at = 0, group = 0; at < groups.length; at += map.groupFloats, group++) {
            value.evaluate(group, groups, at, value.contiguous, 0, map.shape.channels());
        }
        int size = map.shape.size();
        float[] nchw = new float[pass.count() * size];
        for (int i = 0; i < nchw.length; i++) {
            int pixel = i % map.shape.pixels();
            nchw[i] = groups[map.layout.index(map.shape, i / size, i % size / map.shape.pixels(), pixel / map.shape.width(),
                    pixel % map.shape.width())];
        }
        return nchw;
    }

    /** Bytes of a plan's losses' scratch. */
    public static long bytes(ExecutionPlan plan) {
        return 8 * plan.outputs.stream().mapToLong(output -> output.map.shape.size()).sum();
    }
}
