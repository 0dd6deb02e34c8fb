package dev.fedtiny.engine.internal.plan;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.loss.Loss;
import dev.fedtiny.engine.loss.Objective;
import dev.fedtiny.engine.model.Network;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.NonFiniteException;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The terms of an objective over the outputs of a pass: image after image on the calling thread, in double, so that bits depend on neither
 * threads nor kernels. The gradient of an output that no term is about is 0.
 */
final class OutputLoss implements Objective.Terms {
    private enum Stage {
        CHECK, VALUE, GRADIENT
    }

    private final RunContext pass;
    private final List<Network.Output> outputs;
    private final Head[] heads;
    private final boolean checks;
    private Stage stage;
    private int images;
    private int terms;
    private double sum;

    /** An output. */
    private static final class Head {
        private final FusedInput output;
        private final Shape shape;
        /** One image's outputs, then their gradient. */
        private final double[] values;
        /** Terms about it so far. */
        private int terms;

        Head(FusedInput output) {
            this.output = output;
            this.shape = output.map.shape;
            this.values = new double[shape.size()];
        }
    }

    OutputLoss(RunContext pass, List<Network.Output> outputs, List<FusedInput> values, boolean checks) {
        this.pass = pass;
        this.outputs = outputs;
        this.heads = values.stream().map(Head::new).toArray(Head[]::new);
        this.checks = checks;
    }

    /** Place of an output. */
    int place(String name) {
        for (int i = 0; i < heads.length; i++) {
            if (outputs.get(i).name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException("session: the network has no output '" + name + "', its outputs are "
                + outputs.stream().map(Network.Output::name).toList());
    }

    /** Place of the only output. */
    int only() {
        if (heads.length > 1) {
            throw new IllegalArgumentException("session: the network has the outputs " + outputs.stream().map(Network.Output::name).toList()
                    + "; name the one that is meant, in an objective by loss.on(name) or terms.add(name, ...)");
        }
        return 0;
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
        begin(next);
        objective.terms(targets, this);
        if (terms == 0) {
            throw new IllegalArgumentException("objective: it names no term, so there is nothing to minimise; add a loss");
        }
        for (int i = 0; i < heads.length && stage == Stage.GRADIENT; i++) {
            if (heads[i].terms == 0) {
                clear(heads[i].output);
            }
        }
        return sum;
    }

    private void begin(Stage next) {
        stage = next;
        terms = 0;
        sum = 0;
        for (Head head : heads) {
            head.terms = 0;
        }
    }

    private void clear(FusedInput output) {
        if (output.needsGradient()) {
            int at = output.gradientAt(0, 0);
            Arrays.fill(output.gradient, at, at + pass.groups() * output.map.groupFloats, 0);
        }
    }

    @Override
    public <U> void add(double weight, Loss<U> loss, U targets) {
        add(heads[only()], weight, loss, targets);
    }

    @Override
    public <U> void add(String output, double weight, Loss<U> loss, U targets) {
        add(heads[place(output)], weight, loss, targets);
    }

    private <U> void add(Head head, double weight, Loss<U> loss, U targets) {
        switch (stage) {
            case CHECK -> check(head.shape, weight, loss, targets);
            case VALUE -> sum += weight * values(head, loss, targets) / loss.divisor(head.shape, pass.count(), targets);
            case GRADIENT -> sum += gradient(head, weight, loss, targets);
        }
        terms++;
        head.terms++;
    }

    private <U> void check(Shape shape, double weight, Loss<U> loss, U targets) {
        if (!Double.isFinite(weight)) {
            throw new IllegalArgumentException("objective: term " + terms + " has weight " + weight + ", must be finite");
        }
        if (targets == null) {
            throw new IllegalArgumentException("objective: term " + terms + " has no targets; give those of the batch");
        }
        Given.notNull(loss, "objective: loss", "what is computed of outputs and targets");
        loss.check(shape, images, targets);
        double divisor = loss.divisor(shape, images, targets);
        if (!(divisor > 0 && divisor < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("objective: term " + terms + ", " + loss + ", divides by " + divisor
                    + ", must be above 0 and finite; look at its divisor for these targets");
        }
        if (terms == 0) {
            sum = divisor;
        }
    }

    private <U> double values(Head head, Loss<U> loss, U targets) {
        double all = 0;
        for (int image = 0; image < pass.count(); image++) {
            all += differentiate(head, loss, targets, image);
        }
        return all;
    }

    private <U> double gradient(Head head, double weight, Loss<U> loss, U targets) {
        FusedInput output = head.output;
        if (!output.needsGradient()) {
            return weight * values(head, loss, targets) / loss.divisor(head.shape, pass.count(), targets);
        }
        double[] values = head.values;
        double divisor = loss.divisor(head.shape, pass.count(), targets);
        double all = 0;
        for (int image = 0; image < pass.count(); image++) {
            all += differentiate(head, loss, targets, image);
            int at = output.gradientAt(image / Layout.LANES, 0) + image % Layout.LANES;
            for (int i = 0; i < values.length; i++) {
                float part = (float) (weight * values[i] / divisor);
                output.gradient[at + i * Layout.LANES] = head.terms == 0 ? part : output.gradient[at + i * Layout.LANES] + part;
            }
        }
        if (head.terms == 0) {
            ImageLanes.clearPadding(pass.count(), head.shape.size(), output.gradient, output.gradientAt(0, 0));
        }
        return weight * all / divisor;
    }

    private <U> double differentiate(Head head, Loss<U> loss, U targets, int image) {
        read(head, image);
        double one = loss.differentiate(head.shape, head.values, image, targets);
        if (checks && !Double.isFinite(one)) {
            throw new NonFiniteException("objective: term " + terms + ", " + loss + ", gives " + one + " for image " + image
                    + "; look at its targets and at the image's outputs");
        }
        return one;
    }

    private void read(Head head, int image) {
        StoredActivation map = head.output.map;
        double[] values = head.values;
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

    /** Sum of a loss over the images of the only output, not divided. */
    <U> double sum(Loss<U> loss, U targets) {
        begin(Stage.VALUE);
        return values(heads[only()], loss, targets);
    }
}
