package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.runtime.KernelChoice;
import dev.fedtiny.engine.sparse.Weights;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;

/**
 * A fully connected layer over weights of any form, {@code y[n,o] = b[o] + Σ w[o,i] · x[n,i]}; a map is flattened in C,H,W order. It is a
 * {@link Conv2d} of 1 × 1 pixels on the same kernels.
 */
public final class Linear {
    private final String what;
    private final Shape input;
    private final int outputs;
    private final KernelRegistry kernels;
    private final Conv2d conv;

    /**
     * A linear layer on the kernels of this JVM.
     *
     * @param name for errors
     * @param input shape of one image
     * @param weights out rows of in columns
     * @param bias out values
     * @throws IllegalArgumentException if weights or bias do not fit the input, or the weights are not what their form says
     */
    public Linear(String name, Shape input, Weights weights, float[] bias) {
        this(name, input, weights, bias, KernelChoice.AUTO);
    }

    /**
     * A linear layer on kernels of one's choice.
     *
     * @param name for errors
     * @param input shape of one image
     * @param weights out rows of in columns
     * @param bias out values
     * @param choice on which loops it is computed
     * @throws IllegalArgumentException if weights or bias do not fit the input, or the weights are not what their form says
     * @throws IllegalStateException if this JVM cannot run the kernels, with the reason
     */
    public Linear(String name, Shape input, Weights weights, float[] bias, KernelChoice choice) {
        what = "linear '" + Given.notNull(name, "linear: name", "what errors call it") + "'";
        Given.notNull(input, what + ": input", "C × H × W of an image");
        Given.notNull(weights, what + ": weights", Conv2d.WEIGHTS);
        Given.notNull(bias, what + ": bias", "one value a row; zeros where there is none");
        Given.notNull(choice, what + ": kernels", Conv2d.KERNELS);
        if (weights.columns() != input.size() || bias.length != weights.rows()) {
            throw new IllegalArgumentException(what + ": weights are " + weights.rows() + " × " + weights.columns() + " and the bias has "
                    + bias.length + " values; expected " + input.size() + " columns for an input of " + input + " and one bias a row");
        }
        this.input = input;
        outputs = weights.rows();
        kernels = KernelRegistry.ofBits(choice.bits());
        conv = new Conv2d(name, new Conv2dGeometry(Shape.features(input.size()), outputs, 1, 1, 1, 0), weights, bias, kernels);
    }

    /**
     * {@return the output, out × 1 × 1, of the weights' values as they are now}
     *
     * @param x the input, an image a lane
     */
    public Tensor forward(Tensor x) {
        Given.notNull(x, "linear: x", Conv2d.A_TENSOR);
        if (!x.shape().equals(input)) {
            throw new IllegalArgumentException(what + ": input has shape " + x.shape() + ", expected " + input);
        }
        return conv.forward(imageALane(x).reshaped(Shape.features(input.size())));
    }

    /**
     * {@return gradients of the last forward pass for a gradient of its output}
     *
     * @param dy gradient of the output, shaped as it; lanes without an image hold zeros
     */
    public Conv2d.Gradients backward(Tensor dy) {
        Given.notNull(dy, "linear: dy", Conv2d.A_TENSOR);
        Tensor lanewise = imageALane(dy);
        Conv2d.Gradients gradients = conv.backward(lanewise);
        return new Conv2d.Gradients(gradients.input().reshaped(input), gradients.weights(), biasGradient(lanewise));
    }

    /** Sums of the output gradient as a session takes them, all groups of images in one sum. */
    private float[] biasGradient(Tensor dy) {
        int groups = Layout.IMAGES.groups(dy.images());
        float[] beside = new float[outputs * groups * Layout.LANES];
        for (int g = 0; g < groups; g++) {
            for (int o = 0; o < outputs; o++) {
                System.arraycopy(dy.data(), (g * outputs + o) * Layout.LANES, beside, (o * groups + g) * Layout.LANES,
                        Layout.IMAGES.validLanes(g, dy.images()));
            }
        }
        double[] sums = new double[outputs];
        kernels.elementwise().sums(beside, 0, groups * Layout.LANES, outputs, groups, sums, 0);
        float[] gradient = new float[outputs];
        for (int o = 0; o < outputs; o++) {
            gradient[o] = (float) sums[o];
        }
        return gradient;
    }

    private static Tensor imageALane(Tensor tensor) {
        return tensor.layout().equals(Layout.IMAGES) ? tensor : Tensor.ofNchw(tensor.images(), tensor.shape(), tensor.toNchw());
    }
}
