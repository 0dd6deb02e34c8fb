package dev.fedtiny.engine.op;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.layer.ArrayOperator;
import dev.fedtiny.engine.layer.OperatorLayer;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.layer.Slice;
import dev.fedtiny.engine.layer.View;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import dev.fedtiny.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The loops of any {@link OperatorLayer} over tensors, an embedder's own as well: pools, activation functions, norms, products. They run as
 * in training, whole maps of eight images at a time, on the calling thread.
 *
 * <pre>{@code
 * Operator pool = new Operator(new MaxPool2d(0, new Pool2dGeometry(new Shape(64, 32, 32), 2, 2)));
 * Tensor y = pool.forward(x);
 * Tensor dx = pool.backward(dy).inputs().getFirst();
 * }</pre>
 */
public final class Operator {
    private static final String PARAMETER = "the values of one of the layer's parameters, as many as Layer.parameters() has";

    private final OperatorLayer layer;
    private final ArrayOperator loops;
    private final List<float[]> parameters;
    private final float[] scratch;
    private Tensor[] inputs;
    private Tensor output;

    /**
     * What flows back.
     *
     * @param inputs one gradient an input
     * @param parameters one gradient a parameter
     */
    public record Gradients(List<Tensor> inputs, List<float[]> parameters) {
        /** Keeps its own copies of the lists. */
        public Gradients {
            inputs = List.copyOf(inputs);
            parameters = List.copyOf(parameters);
        }
    }

    /**
     * An operator of its own.
     *
     * @param layer where it reads does not matter
     * @param parameters values of the layer's parameters, in their order; the arrays are read in every call
     * @throws IllegalArgumentException if there are more or fewer, or one has another length
     */
    public Operator(OperatorLayer layer, float[]... parameters) {
        this.layer = Given.notNull(layer, "operator: layer", "a layer that has loops, for example a MaxPool2d");
        Given.notNull(parameters, layer.describe() + ": parameters", PARAMETER);
        for (float[] values : parameters) {
            Given.notNull(values, layer.describe() + ": a parameter", PARAMETER);
        }
        this.loops = layer.bind(new View(layer.inputs(), layer.output(), false));
        this.parameters = List.of(parameters);
        this.scratch = new float[loops.scratchFloats()];
        List<Parameter> expected = layer.parameters();
        for (int i = 0; i < Math.max(parameters.length, expected.size()); i++) {
            if (i >= parameters.length || i >= expected.size() || parameters[i].length != expected.get(i).size()) {
                throw new IllegalArgumentException(layer.describe() + " has parameters of "
                        + expected.stream().map(Parameter::size).toList() + " values, got "
                        + Arrays.stream(parameters).map(values -> values.length).toList());
            }
        }
    }

    /**
     * {@return the output}
     *
     * @param x one tensor an input, an image a lane
     * @throws IllegalArgumentException if there are more or fewer, or one has another shape, layout or number of images
     */
    public Tensor forward(Tensor... x) {
        Given.notNull(x, layer.describe() + ": x", "one tensor an input");
        for (Tensor tensor : x) {
            Given.notNull(tensor, layer.describe() + ": a tensor of x", Conv2d.A_TENSOR);
        }
        List<Shape> shapes = Arrays.stream(x).map(Tensor::shape).toList();
        if (!shapes.equals(layer.inputs()) || Arrays.stream(x).anyMatch(tensor -> tensor.images() != x[0].images())) {
            throw new IllegalArgumentException(layer.describe() + " reads " + layer.inputs() + " of as many images each, got "
                    + Arrays.stream(x).map(tensor -> tensor.images() + " × " + tensor.shape()).toList());
        }
        for (Tensor tensor : x) {
            checkLayout("input", tensor);
        }
        inputs = x.clone();
        output = Tensor.zeros(x[0].images(), layer.output());
        for (int group = 0; group < groups(); group++) {
            loops.forward(new GroupSlice(group, 0, output.shape().pixels(), null));
        }
        return output;
    }

    /**
     * {@return the gradients of the last forward pass's inputs, which must be unchanged, and of the parameters}
     *
     * @param dy gradient of the output; lanes without an image hold zeros
     * @throws IllegalStateException if there was no forward pass
     * @throws IllegalArgumentException if it is of another shape, layout or number of images
     */
    public Gradients backward(Tensor dy) {
        Given.notNull(dy, layer.describe() + ": dy", Conv2d.A_TENSOR);
        if (output == null) {
            throw new IllegalStateException(layer.describe() + ": backward needs a forward pass first");
        }
        if (!dy.shape().equals(output.shape()) || dy.images() != output.images()) {
            throw new IllegalArgumentException(layer.describe() + ": the output gradient is " + dy.images() + " images of " + dy.shape()
                    + ", expected " + output.images() + " of " + output.shape());
        }
        checkLayout("output gradient", dy);
        List<Tensor> dx = Arrays.stream(inputs).map(x -> Tensor.zeros(x.images(), x.shape())).toList();
        double[][] totals = parameters.stream().map(values -> new double[values.length]).toArray(double[][]::new);
        Backward backward = new Backward(dy, dx, parameters.stream().map(values -> new double[values.length]).toArray(double[][]::new));
        int pixels = output.shape().pixels();
        int block = layer.division().block(output.shape());
        for (int group = 0; group < groups(); group++) {
            double[][] sums = parameters.stream().map(values -> new double[values.length]).toArray(double[][]::new);
            for (int from = 0; from < pixels; from += block) {
                loops.backward(new GroupSlice(group, from, Math.min(block, pixels - from), backward));
                add(backward.sums, sums);
            }
            add(sums, totals);
        }
        List<float[]> gradients = new ArrayList<>();
        for (double[] total : totals) {
            float[] gradient = new float[total.length];
            for (int k = 0; k < total.length; k++) {
                gradient[k] = (float) total[k];
            }
            gradients.add(gradient);
        }
        return new Gradients(dx, gradients);
    }

    private static void add(double[][] sums, double[][] totals) {
        for (int i = 0; i < sums.length; i++) {
            for (int k = 0; k < sums[i].length; k++) {
                totals[i][k] += sums[i][k];
            }
        }
    }

    private void checkLayout(String role, Tensor tensor) {
        if (!tensor.layout().equals(Layout.IMAGES)) {
            throw new IllegalArgumentException(layer.describe() + ": the " + role + " is in " + tensor.layout() + ", expected an image a "
                    + "lane; copy it, Tensor.ofNchw(x.images(), x.shape(), x.toNchw())");
        }
    }

    private int groups() {
        return Math.ceilDiv(output.images(), Layout.LANES);
    }

    /**
     * What a backward pass works with.
     *
     * @param dy gradient of the output
     * @param dx gradients of the inputs
     * @param sums of the slice under way, one array a parameter
     */
    private record Backward(Tensor dy, List<Tensor> dx, double[][] sums) {
    }

    /** All channels of one group of the tensors, or of a block of its pixels. */
    private final class GroupSlice implements Slice {
        private final int group;
        private final int firstPixel;
        private final int pixels;
        /** Null in a forward pass. */
        private final Backward backward;

        GroupSlice(int group, int firstPixel, int pixels, Backward backward) {
            this.group = group;
            this.firstPixel = firstPixel;
            this.pixels = pixels;
            this.backward = backward;
        }

        private int at(Tensor tensor) {
            return (group * tensor.shape().size() + firstPixel) * Layout.LANES;
        }

        @Override
        public int pixels() {
            return pixels;
        }

        @Override
        public int firstPixel() {
            return firstPixel;
        }

        @Override
        public int channels() {
            return output.shape().channels();
        }

        @Override
        public int firstChannel() {
            return 0;
        }

        @Override
        public int channels(int input) {
            return inputs[input].shape().channels();
        }

        @Override
        public int group() {
            return group;
        }

        @Override
        public int lanes() {
            return Math.min(Layout.LANES, output.images() - group * Layout.LANES);
        }

        @Override
        public float[] x(int input) {
            return inputs[input].data();
        }

        @Override
        public int xAt(int input) {
            return at(inputs[input]);
        }

        @Override
        public float[] y() {
            return output.data();
        }

        @Override
        public int yAt() {
            return at(output);
        }

        @Override
        public float[] dy() {
            return backward.dy.data();
        }

        @Override
        public int dyAt() {
            return at(backward.dy);
        }

        @Override
        public boolean wanted(int input) {
            return true;
        }

        @Override
        public boolean adds(int input) {
            return false;
        }

        @Override
        public float[] dx(int input) {
            return backward.dx.get(input).data();
        }

        @Override
        public int dxAt(int input) {
            return at(backward.dx.get(input));
        }

        @Override
        public float[] parameter(int parameter) {
            return parameters.get(parameter);
        }

        @Override
        public double[] sums(int parameter) {
            return backward.sums[parameter];
        }

        @Override
        public int sumsAt(int parameter) {
            return 0;
        }

        @Override
        public float[] scratch() {
            return scratch;
        }

        @Override
        public int scratchAt() {
            return 0;
        }

        @Override
        public long seed() {
            return 0;
        }

        @Override
        public long pass() {
            return 0;
        }

        @Override
        public int step() {
            return 0;
        }
    }
}
