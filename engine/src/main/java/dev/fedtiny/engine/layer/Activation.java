package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * An activation function, {@code y = f(x)} value by value. ReLU and ReLU6 are not among them: the planner fuses those into what reads them.
 * Derivatives where two pieces of a function meet are PyTorch's; functions with an exponential are within 2e-7 of the true value, and
 * nothing finite gives NaN.
 *
 * @param function f
 * @param a its first number, {@code b} its second; 0 where it has none
 * @param source position of the input
 * @param output C × H × W, as the input
 * @param b its second number; 0 where it has none
 */
public record Activation(Function function, double a, double b, int source, Shape output) implements OperatorLayer {
    /** One kind for each function, by its key. */
    static final List<LayerKind> KINDS = Arrays.stream(Function.values()).map(Activation::kind).toList();
    private static final PointwiseKernel LOOPS = KernelRegistry.current().pointwise();

    /** The functions, and what their numbers are called in files; without numbers given they are PyTorch's defaults. */
    public enum Function {
        /** x above 0, a·x elsewhere; a is the slope, 0.01 by default (Maas et al., 2013). */
        LEAKY_RELU("leaky_relu", Pointwise.LEAKY_RELU, List.of("negative_slope"), 0.01, 0),
        /** 1 / (1 + e^-x). */
        SIGMOID("sigmoid", Pointwise.SIGMOID, List.of(), 0, 0),
        /** a·x + b clipped to [0, 1]; by default x / 6 + 1/2. */
        HARD_SIGMOID("hard_sigmoid", Pointwise.HARD_SIGMOID, List.of("alpha", "beta"), 1 / 6.0, 0.5),
        /** x times the default hard sigmoid of x (Howard et al., 2019). */
        HARD_SWISH("hard_swish", Pointwise.HARD_SWISH, List.of(), 0, 0),
        /** x / (1 + e^-x) (Elfwing et al., 2018). */
        SILU("silu", Pointwise.SILU, List.of(), 0, 0),
        /** tanh x. */
        TANH("tanh", Pointwise.TANH, List.of(), 0, 0),
        /** x·Φ(x), Φ the normal distribution (Hendrycks and Gimpel, 2016). */
        GELU("gelu", Pointwise.GELU, List.of(), 0, 0),
        /** The same with Φ approximated by a tanh: PyTorch's {@code approximate='tanh'}. */
        GELU_TANH("gelu_tanh", Pointwise.GELU_TANH, List.of(), 0, 0),
        /** a·x + b: a constant added or multiplied by. */
        AFFINE("affine", Pointwise.AFFINE, List.of("factor", "summand"), 1, 0);

        private final String key;
        private final Pointwise loop;
        private final List<String> numbers;
        private final double a;
        private final double b;

        Function(String key, Pointwise loop, List<String> numbers, double a, double b) {
            this.key = key;
            this.loop = loop;
            this.numbers = numbers;
            this.a = a;
            this.b = b;
        }

        /** {@return what files call it, for example {@code hard_swish}} */
        public String key() {
            return key;
        }
    }

    /** Refuses numbers that are none, or that the function does not have. */
    public Activation {
        given(function);
        Given.notNull(output, "activation: output", "the shape of the output");
        if (!Float.isFinite((float) a) || !Float.isFinite((float) b)) {
            throw new IllegalArgumentException("network: " + function.key + " with the numbers " + a + " and " + b
                    + ", must be finite in single precision");
        }
        if (function.numbers.size() < 2 && b != 0 || function.numbers.isEmpty() && a != 0) {
            throw new IllegalArgumentException("network: " + function.key + " has " + function.numbers.size() + " numbers "
                    + function.numbers + ", got " + a + " and " + b + "; give 0 for those it does not have");
        }
    }

    /**
     * A function with its default numbers.
     *
     * @param function f
     * @param source position of the input
     * @param output C × H × W, as the input
     */
    public Activation(Function function, int source, Shape output) {
        this(function, given(function).a, function.b, source, output);
    }

    private static LayerKind kind(Function function) {
        return LayerKind.of(function.key, 1, (attributes, sources, inputs) -> new Activation(function,
                number(function, 0, attributes), number(function, 1, attributes), sources.getFirst(), inputs.getFirst()));
    }

    private static double number(Function function, int i, Attributes attributes) {
        return i < function.numbers.size() ? attributes.number(function.numbers.get(i)) : 0;
    }

    private static Function given(Function function) {
        return Given.notNull(function, "activation: function", "what is computed of every value");
    }

    @Override
    public String kind() {
        return function.key;
    }

    @Override
    public List<Integer> sources() {
        return List.of(source);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output);
    }

    @Override
    public Attributes attributes() {
        Attributes attributes = Attributes.EMPTY;
        for (int i = 0; i < function.numbers.size(); i++) {
            attributes = attributes.with(function.numbers.get(i), i == 0 ? a : b);
        }
        return attributes;
    }

    @Override
    public Activation withSources(List<Integer> sources) {
        return new Activation(function, a, b, sources.getFirst(), output);
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(function.loop, (float) a, (float) b, view.output().pixels() * Layout.LANES);
    }

    private record Loops(Pointwise f, float a, float b, int channel) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            LOOPS.forward(f, a, b, slice.x(0), slice.xAt(0), slice.y(), slice.yAt(), slice.channels() * channel);
        }

        @Override
        public void backward(Slice slice) {
            boolean ofOutput = f.ofOutput();
            LOOPS.backward(f, a, b, ofOutput ? slice.y() : slice.x(0), ofOutput ? slice.yAt() : slice.xAt(0), slice.dy(), slice.dyAt(),
                    slice.dx(0), slice.dxAt(0), slice.channels() * channel, slice.adds(0));
        }

        @Override
        public boolean readsInputs() {
            return !f.ofOutput();
        }

        @Override
        public boolean readsOutput() {
            return f.ofOutput();
        }
    }
}
