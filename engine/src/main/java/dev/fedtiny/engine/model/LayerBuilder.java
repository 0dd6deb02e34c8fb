package dev.fedtiny.engine.model;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.Activation;
import dev.fedtiny.engine.layer.Add;
import dev.fedtiny.engine.layer.AveragePool2d;
import dev.fedtiny.engine.layer.BatchNorm2d;
import dev.fedtiny.engine.layer.Clamp;
import dev.fedtiny.engine.layer.Concat;
import dev.fedtiny.engine.layer.Conv2d;
import dev.fedtiny.engine.layer.Dropout;
import dev.fedtiny.engine.layer.Flatten;
import dev.fedtiny.engine.layer.GlobalAveragePool;
import dev.fedtiny.engine.layer.GroupNorm;
import dev.fedtiny.engine.layer.Layer;
import dev.fedtiny.engine.layer.LayerNorm;
import dev.fedtiny.engine.layer.Linear;
import dev.fedtiny.engine.layer.MaxPool2d;
import dev.fedtiny.engine.layer.Multiply;
import dev.fedtiny.engine.layer.Repeat;
import dev.fedtiny.engine.layer.Softmax;
import dev.fedtiny.engine.layer.Upsample;
import dev.fedtiny.engine.tensor.Conv2dGeometry;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The layers that a network is built of, a method each: it makes the layer of the shapes of what it reads, and answers where the layer
 * stands. A new layer is a method here; {@link Network.Builder} holds what has been added.
 */
abstract class LayerBuilder {
    /**
     * Adds a layer.
     *
     * @param layer reads layers that are there
     * @return its position
     */
    public abstract int add(Layer layer);

    /**
     * The shape of a layer's output.
     *
     * @param layer what a method of this builder answered; 0 for the images
     * @return C × H × W of one image
     */
    public abstract Shape shape(int layer);

    /**
     * A convolution with a square kernel; see {@link Conv2d}.
     *
     * @param name prefix of its tensors: {@code name.weight} (K,C,R,S), {@code name.bias} (K)
     * @param source position of the input
     * @param outputChannels K
     * @param kernel R and S
     * @param stride pixels between two windows, along both axes
     * @param padding zeros on all four sides
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     * @return its position
     * @throws IllegalArgumentException naming layer, shapes and rule if there can be no such convolution
     */
    public int conv2d(String name, int source, int outputChannels, int kernel, int stride, int padding, boolean bias,
            boolean prunable) {
        Shape in = shape(source);
        return conv2d(name, source, possible("conv2d '" + name + "'", source,
                () -> new Conv2dGeometry(in, outputChannels, kernel, kernel, stride, padding)), bias, prunable);
    }

    /**
     * A convolution of any geometry; see {@link Conv2d}.
     *
     * @param name prefix of its tensors: {@code name.weight} (K,C/groups,R,S), {@code name.bias} (K)
     * @param source position of the input
     * @param geometry shapes, strides, padding, dilation, groups
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     * @return its position
     * @throws IllegalArgumentException if the geometry's input is not the source's output
     */
    public int conv2d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
        checkInput("conv2d", name, source, geometry);
        return add(new Conv2d(name, source, geometry, bias, prunable));
    }

    /**
     * A convolution along one dimension, N × C × L, which is a height of 1; its weight is K,C,S.
     *
     * @param padding zeros on both sides
     * @param name prefix of its tensors: {@code name.weight} (K,C,S), {@code name.bias} (K)
     * @param source position of the input, C × 1 × L
     * @param outputChannels K
     * @param kernel S
     * @param stride values between two windows
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     * @return its position
     * @throws IllegalArgumentException naming layer, shapes and rule if there can be no such convolution
     */
    public int conv1d(String name, int source, int outputChannels, int kernel, int stride, int padding, boolean bias,
            boolean prunable) {
        Shape in = shape(source);
        return conv1d(name, source, possible("conv1d '" + name + "'", source,
                () -> Conv2dGeometry.conv1d(in, outputChannels, kernel, stride, padding)), bias, prunable);
    }

    /**
     * A convolution along one dimension of any geometry; its weight is K,C/groups,S.
     *
     * @param name prefix of its tensors: {@code name.weight}, {@code name.bias} (K)
     * @param source position of the input, C × 1 × L
     * @param geometry shapes, strides, padding, dilation, groups
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     * @return its position
     * @throws IllegalArgumentException if the geometry's input is not the source's output, or input or kernel are higher than 1
     */
    public int conv1d(String name, int source, Conv2dGeometry geometry, boolean bias, boolean prunable) {
        checkInput("conv1d", name, source, geometry);
        return add(new Conv2d(name, source, geometry, 1, bias, prunable));
    }

    /** A geometry, or an error that names the layer besides the rule. */
    private <T> T possible(String layer, int source, Supplier<T> geometry) {
        try {
            return geometry.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(layer + " on layer " + source + " of " + shape(source) + " cannot be: " + e.getMessage(),
                    e);
        }
    }

    private void checkInput(String kind, String name, int source, Conv2dGeometry geometry) {
        Shape in = shape(source);
        Given.notNull(geometry, kind + ": geometry", "shapes, strides, padding, dilation and groups");
        if (!geometry.input().equals(in)) {
            throw new IllegalArgumentException(kind + " '" + name + "': the source is " + in + ", the geometry expects "
                    + geometry.input());
        }
    }

    /**
     * A batch normalisation; see {@link BatchNorm2d}.
     *
     * @param name prefix of its tensors
     * @param source position of the input
     * @return its position
     */
    public int batchNorm2d(String name, int source) {
        return add(new BatchNorm2d(name, source, shape(source)));
    }

    /**
     * A batch normalisation with an ε and momentum of its own.
     *
     * @param name prefix of its tensors
     * @param source position of the input
     * @param epsilon ε, above 0
     * @param momentum share of a batch's statistics in the running ones, in [0, 1]
     * @return its position
     */
    public int batchNorm2d(String name, int source, double epsilon, double momentum) {
        return add(new BatchNorm2d(name, source, shape(source), epsilon, momentum, BatchNorm2d.Statistics.BATCH));
    }

    /**
     * A ReLU.
     *
     * @param source position of the input
     * @return its position
     */
    public int relu(int source) {
        return add(Clamp.relu(source, shape(source)));
    }

    /**
     * A ReLU of at most 6.
     *
     * @param source position of the input
     * @return its position
     */
    public int relu6(int source) {
        return add(new Clamp(source, shape(source), 0, 6));
    }

    /**
     * A sum of two layers of one shape.
     *
     * @param left position of one summand
     * @param right position of the other
     * @return its position
     */
    public int add(int left, int right) {
        if (!shape(left).equals(shape(right))) {
            throw new IllegalArgumentException("add: shapes " + shape(left) + " and " + shape(right) + " differ");
        }
        return add(new Add(left, right, shape(left)));
    }

    /**
     * An activation function with its default numbers; for ReLU see {@link #relu}.
     *
     * @param source position of the input
     * @param function what is computed of every value
     * @return its position
     */
    public int activation(int source, Activation.Function function) {
        return add(new Activation(function, source, shape(source)));
    }

    /**
     * An activation function with numbers of one's own; see {@link Activation}.
     *
     * @param source position of the input
     * @param function what is computed of every value
     * @param a its first number; 0 where it has none
     * @param b its second number; 0 where it has none
     * @return its position
     */
    public int activation(int source, Activation.Function function, double a, double b) {
        return add(new Activation(function, a, b, source, shape(source)));
    }

    /**
     * A product of two layers; one is broadcast over the other where an extent of it is 1. See {@link Multiply}.
     *
     * @param left position of one factor
     * @param right position of the other
     * @return its position; the output has the larger factor's shape
     */
    public int multiply(int left, int right) {
        boolean swapped = shape(left).size() < shape(right).size();
        int source = swapped ? right : left;
        int factor = swapped ? left : right;
        return add(new Multiply(source, factor, shape(source), shape(factor)));
    }

    /**
     * Layers one behind the other along channels.
     *
     * @param sources positions of inputs of one height and width, at least one
     * @return its position
     */
    public int concat(int... sources) {
        Given.notNull(sources, "concat: sources", "positions of the inputs");
        return add(new Concat(IntStream.of(sources).boxed().toList(), IntStream.of(sources).mapToObj(this::shape).toList()));
    }

    /**
     * A softmax over the channels.
     *
     * @param source position of the input
     * @return its position
     */
    public int softmax(int source) {
        return add(new Softmax(source, shape(source)));
    }

    /**
     * A normalisation of every pixel over its channels; see {@link LayerNorm}.
     *
     * @param name prefix of its tensors {@code name.weight} and {@code name.bias}, each (C)
     * @param source position of the input
     * @param epsilon ε, at least 0
     * @return its position
     */
    public int layerNorm(String name, int source, double epsilon) {
        return add(new LayerNorm(name, source, shape(source), epsilon));
    }

    /**
     * A normalisation of every image over groups of channels; see {@link GroupNorm}.
     *
     * @param name prefix of its tensors {@code name.weight} and {@code name.bias}, each (C)
     * @param source position of the input
     * @param groups divides the input's channels; 1: all channels together, C: each alone
     * @param epsilon ε, at least 0
     * @return its position
     */
    public int groupNorm(String name, int source, int groups, double epsilon) {
        return add(new GroupNorm(name, source, shape(source), groups, epsilon));
    }

    /**
     * A max pooling with square windows and without padding.
     *
     * @param source position of the input
     * @param kernel height and width of a window
     * @param stride pixels between two windows, along both axes
     * @return its position
     */
    public int maxPool2d(int source, int kernel, int stride) {
        Shape in = shape(source);
        return maxPool2d(source, possible("max_pool2d", source, () -> new Pool2dGeometry(in, kernel, stride)));
    }

    /**
     * A max pooling of any geometry; see {@link MaxPool2d}.
     *
     * @param source position of the input
     * @param geometry windows over the source's output
     * @return its position
     */
    public int maxPool2d(int source, Pool2dGeometry geometry) {
        return add(new MaxPool2d(source, geometry));
    }

    /**
     * The largest value of each map.
     *
     * @param source position of the input
     * @return its position; the output is C × 1 × 1
     */
    public int globalMaxPool(int source) {
        return maxPool2d(source, Pool2dGeometry.whole(shape(source)));
    }

    /**
     * Means of windows; see {@link AveragePool2d}.
     *
     * @param source position of the input
     * @param geometry windows over the source's output
     * @param countsPadding whether zeros of the padding are counted in the mean, PyTorch's {@code count_include_pad}
     * @return its position
     */
    public int averagePool2d(int source, Pool2dGeometry geometry, boolean countsPadding) {
        return add(new AveragePool2d(source, geometry, countsPadding));
    }

    /**
     * Every pixel as a rectangle.
     *
     * @param source position of the input
     * @param scale height and width of a pixel's rectangle
     * @return its position
     */
    public int upsample(int source, PerAxis scale) {
        return add(new Upsample(source, shape(source), scale));
    }

    /**
     * The values of a map as channels, in the order C, H, W.
     *
     * @param source position of the input
     * @return its position; the output is C·H·W × 1 × 1
     */
    public int flatten(int source) {
        return add(new Flatten(source, shape(source)));
    }

    /**
     * A mean over each map.
     *
     * @param source position of the input
     * @return its position; the output is C × 1 × 1
     */
    public int globalAveragePool(int source) {
        return add(new GlobalAveragePool(source, shape(source)));
    }

    /**
     * A 1 × 1 map repeated.
     *
     * @param source position of the input, C × 1 × 1
     * @param height of the output
     * @param width of the output
     * @return its position
     */
    public int repeat(int source, int height, int width) {
        if (shape(source).pixels() != 1) {
            throw new IllegalArgumentException("repeat: the source is " + shape(source) + ", only 1×1 maps can be repeated");
        }
        return add(new Repeat(source, new Shape(shape(source).channels(), height, width)));
    }

    /**
     * A dropout.
     *
     * @param source position of the input
     * @param probability of a value to be set to 0 in training, in [0, 1); the others are divided by 1 minus it
     * @return its position
     */
    public int dropout(int source, double probability) {
        return add(new Dropout(source, shape(source), probability));
    }

    /**
     * A fully connected layer.
     *
     * @param name prefix of its tensors: {@code name.weight} (out,in), {@code name.bias} (out)
     * @param source position of the input, flattened in C,H,W order
     * @param outputs values of the output
     * @param bias whether there is a bias
     * @param prunable whether methods prune the weight
     * @return its position
     */
    public int linear(String name, int source, int outputs, boolean bias, boolean prunable) {
        return add(new Linear(name, source, shape(source), outputs, bias, prunable));
    }
}
