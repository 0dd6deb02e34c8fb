package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;

/**
 * The terms of an objective over an output of a pass: image after image on the calling thread, in double, so that bits depend on neither
 * threads nor kernels.
 */
final class OutputLoss implements Objective.Terms {
    private enum Stage {
        CHECK, VALUE, GRADIENT
    }

    private final RunContext pass;
    private final FusedInput output;
    private final Shape shape;
    private final boolean checks;
    /** One image's outputs, then their gradient. */
    private final double[] values;
    private Stage stage;
    private int images;
    private int terms;
    private double sum;

    OutputLoss(RunContext pass, FusedInput output, boolean checks) {
        this.pass = pass;
        this.output = output;
        this.shape = output.map.shape;
        this.checks = checks;
        this.values = new double[shape.size()];
    }

    /**
     * Refuses targets that do not fit so many images.
     *
     * @return what the first term is divided by
     */
    <T> double check(Objective<T> objective, T targets, int count) {
        images = count;
        return run(Stage.CHECK, objective, targets);
    }

    /** The weighted sum of the losses. */
    <T> double value(Objective<T> objective, T targets) {
        return run(Stage.VALUE, objective, targets);
    }

    /** The weighted sum of the losses; writes its gradient by the output, 0 in lanes without an image. */
    <T> double gradient(Objective<T> objective, T targets) {
        return run(Stage.GRADIENT, objective, targets);
    }

    private <T> double run(Stage next, Objective<T> objective, T targets) {
        stage = next;
        terms = 0;
        sum = 0;
        objective.terms(targets, this);
        if (terms == 0) {
            throw new IllegalArgumentException("objective: it names no term, so there is nothing to minimise; add a loss");
        }
        return sum;
    }

    @Override
    public <U> void add(double weight, Loss<U> loss, U targets) {
        switch (stage) {
            case CHECK -> check(weight, loss, targets);
            case VALUE -> sum += weight * values(loss, targets) / loss.divisor(shape, pass.count(), targets);
            case GRADIENT -> sum += gradient(weight, loss, targets);
        }
        terms++;
    }

    private <U> void check(double weight, Loss<U> loss, U targets) {
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("objective: term " + terms + " has weight " + weight + ", must be finite");
        }
        if (targets == null) {
            throw new IllegalArgumentException("objective: term " + terms + " has no targets; give those of the batch");
        }
        loss.check(shape, images, targets);
        if (terms == 0) {
            sum = loss.divisor(shape, images, targets);
        }
    }

    private <U> double values(Loss<U> loss, U targets) {
        double all = 0;
        for (int image = 0; image < pass.count(); image++) {
            all += differentiate(loss, targets, image);
        }
        return all;
    }

    private <U> double gradient(double weight, Loss<U> loss, U targets) {
        double divisor = loss.divisor(shape, pass.count(), targets);
        double all = 0;
        for (int image = 0; image < pass.count(); image++) {
            all += differentiate(loss, targets, image);
            int at = output.gradientAt(image / Layout.LANES, 0) + image % Layout.LANES;
            for (int i = 0; i < values.length; i++) {
                float part = (float) (weight * values[i] / divisor);
                output.gradient[at + i * Layout.LANES] = terms == 0 ? part : output.gradient[at + i * Layout.LANES] + part;
            }
        }
        if (terms == 0) {
            ImageLanes.clearPadding(pass.count(), shape.size(), output.gradient, output.gradientAt(0, 0));
        }
        return weight * all / divisor;
    }

    private <U> double differentiate(Loss<U> loss, U targets, int image) {
        read(image);
        double one = loss.differentiate(shape, values, image, targets);
        if (checks && !Double.isFinite(one)) {
            throw new NonFiniteException("objective: term " + terms + ", " + loss + ", gives " + one + " for image " + image
                    + "; look at its targets and at the image's outputs");
        }
        return one;
    }

    private void read(int image) {
        StoredActivation map = output.map;
        if (pass.tiled()) {
            for (int i = 0; i < values.length; i++) {
                values[i] = map.data[map.position(image, i)];
            }
            return;
        }
        int at = map.at(image / Layout.LANES, 0) + image % Layout.LANES;
        for (int i = 0; i < values.length; i++) {
            values[i] = map.data[at + i * Layout.LANES];
        }
    }

    /** Sum of a loss over the images, not divided. */
    <U> double sum(Loss<U> loss, U targets) {
        terms = 0;
        return values(loss, targets);
    }

    /** Bytes of the scratch for one image. */
    long bytes() {
        return 8L * values.length;
    }
}
