package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.measure.PassKind;
import dev.fedtiny.engine.tensor.NonFiniteException;

/** What a session does with the outputs of its last pass: reads them, compares them with targets, starts the backward pass from them. */
public final class Outputs {
    /** What a meter calls the loss by. */
    public int operator;
    /** One an image of a full batch. */
    public final int[] labels;
    /** Cross entropy against {@link #labels}. */
    final LabelLoss labelLoss;
    private final RunContext pass;
    private final FusedInput logits;
    private final OutputLoss loss;

    public Outputs(RunContext pass, FusedInput logits, boolean checks) {
        this.pass = pass;
        this.logits = logits;
        this.loss = new OutputLoss(pass, logits, checks);
        this.labels = new int[pass.batch];
        this.labelLoss = new LabelLoss(logits.map.shape);
    }

    private int size() {
        return logits.map.shape.size();
    }

    /** One logit. */
    public float logit(int image, int label) {
        if (image < 0 || image >= pass.count() || label < 0 || label >= size()) {
            throw new IllegalArgumentException("session: logit " + label + " of image " + image + "; the last pass had " + pass.count()
                    + " images and " + size() + " classes");
        }
        return logits.map.data[logits.map.position(image, label)];
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
        labelLoss.check(logits.map.shape, pass.count(), labels);
        int correct = 0;
        for (int image = 0; image < pass.count(); image++) {
            correct += predicted(image) == labels[image] ? 1 : 0;
        }
        return correct;
    }

    /** Sum over the images of the cross entropy. */
    public double lossSum() {
        labelLoss.check(logits.map.shape, pass.count(), labels);
        pass.team.start(operator);
        double sum = loss.sum(labelLoss, labels);
        pass.team.stop(PassKind.LOSS, logitBytes());
        return sum;
    }

    /** The value of an objective. */
    public <T> double value(Objective<T> objective, T targets) {
        loss.check(objective, targets, pass.count());
        pass.team.start(operator);
        double value = loss.value(objective, targets);
        pass.team.stop(PassKind.LOSS, logitBytes());
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
        pass.team.stop(PassKind.LOSS, 2 * logitBytes());
        return value;
    }

    private long logitBytes() {
        return 4L * pass.groups() * logits.map.groupFloats;
    }

    /** N,C,H,W, as a new array. */
    public float[] values() {
        StoredActivation map = logits.map;
        float[] nchw = new float[pass.count() * size()];
        for (int i = 0; i < nchw.length; i++) {
            nchw[i] = map.data[map.position(i / size(), i % size())];
        }
        return nchw;
    }

    /** Bytes of the loss's scratch. */
    public long bytes() {
        return loss.bytes();
    }
}
