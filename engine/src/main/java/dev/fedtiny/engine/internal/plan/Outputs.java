package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.measure.PassKind;

/** What a session does with the outputs of its last pass: reads them, compares them with labels, and starts the backward pass from them. */
public final class Outputs {
    /** What a meter calls the loss by. */
    public int operator;
    /** One an image of a full batch. */
    public final int[] labels;
    private final RunContext pass;
    private final FusedInput logits;
    private final SoftmaxLoss loss;

    public Outputs(RunContext pass, FusedInput logits) {
        this.pass = pass;
        this.logits = logits;
        this.loss = new SoftmaxLoss(pass, logits);
        this.labels = new int[pass.batch];
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
        return loss.logit(image, label);
    }

    /** The class of largest logit of one image; the lowest one on ties. */
    public int predicted(int image) {
        logit(image, 0);
        return loss.largest(image);
    }

    /** Images whose largest logit (lowest class on ties) is the label. */
    public int correct() {
        return loss.correct(labels);
    }

    /** Sum over the images of the cross entropy. */
    public double lossSum() {
        pass.team.start(operator);
        double sum = loss.sum(labels);
        pass.team.stop(PassKind.LOSS, logitBytes());
        return sum;
    }

    /** The backward pass starts from the mean cross entropy. */
    void startFromLoss() {
        pass.team.start(operator);
        loss.gradient(labels);
        pass.team.stop(PassKind.LOSS, 2 * logitBytes());
    }

    private long logitBytes() {
        return 4L * pass.groups() * logits.map.groupFloats;
    }

    /** Refuses labels of the last pass that are no classes. */
    void checkLabels() {
        loss.checkLabels(labels, pass.count());
    }

    /** Refuses a gradient that is not one value an output of the last pass. */
    void checkGradient(float[] gradient) {
        if (gradient.length != pass.count() * size()) {
            throw new IllegalArgumentException("session: " + pass.count() + " outputs of " + logits.map.shape + " need "
                    + pass.count() * size() + " gradient values, got " + gradient.length);
        }
    }

    /** The backward pass starts from a given gradient, N,C,H,W. */
    void startFrom(float[] gradient) {
        ImageLanes.pack(gradient, pass.count(), size(), logits.gradient, logits.gradientAt(0, 0));
        ImageLanes.clearPadding(pass.count(), size(), logits.gradient, logits.gradientAt(0, 0));
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
