package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Layer normalisation over the channels of every pixel, {@code y = γ (x − mean) / √(variance + ε) + β}, the variance of all C values (Ba et
 * al., 2016; over images what PyTorch's {@code LayerNorm} is to N,H,W,C, and with 1 × 1 maps its plain form).
 *
 * @param name prefix of {@code .weight} (γ) and {@code .bias} (β), each (C)
 * @param source position of the input
 * @param output C × H × W, as the input
 * @param epsilon ε, at least 0
 */
public record LayerNorm(String name, int source, Shape output, double epsilon) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("layer_norm", 1, (attributes, sources, inputs) -> new LayerNorm(attributes.text("name"),
            sources.getFirst(), inputs.getFirst(), attributes.number("epsilon")));
    private static final ChannelKernel CHANNELS = KernelRegistry.current().channels();

    /** Checks ε. */
    public LayerNorm {
        Given.notNull(name, "layer norm: name", "what its parameters begin with, such as 'conv1'");
        Given.notNull(output, "layer norm: output", "the shape of the output");
        if (!(epsilon >= 0 && Float.isFinite((float) epsilon))) {
            throw new IllegalArgumentException("layer norm '" + name + "': epsilon is " + epsilon + ", must be at least 0 and finite in "
                    + "single precision");
        }
    }

    @Override
    public String kind() {
        return KIND.key();
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
    public List<Parameter> parameters() {
        List<Integer> channels = List.of(output.channels());
        return List.of(new Parameter(name + ".weight", Parameter.Kind.GAMMA, channels, false),
                new Parameter(name + ".bias", Parameter.Kind.BETA, channels, false));
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("name", name).with("epsilon", epsilon);
    }

    @Override
    public LayerNorm withSources(List<Integer> sources) {
        return new LayerNorm(name, sources.getFirst(), output, epsilon);
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    /** Gradients of γ and β are sums over the pixels of a kernel's block. */
    @Override
    public Division division() {
        return new Division.Pixels(ChannelKernel.BLOCK);
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().channels(), view.output().pixels() * Layout.LANES, (float) epsilon);
    }

    /** Over channels so many floats apart. */
    private record Loops(int channels, int channel, float epsilon) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            CHANNELS.layerNormForward(slice.x(0), slice.xAt(0), channels, channel, slice.pixels(), slice.parameter(0), slice.parameter(1),
                    epsilon, slice.y(), slice.yAt(), slice.scratch(), slice.scratchAt());
        }

        @Override
        public void backward(Slice slice) {
            float[] dx = slice.wanted(0) ? slice.dx(0) : null;
            CHANNELS.layerNormBackward(slice.x(0), slice.xAt(0), slice.dy(), slice.dyAt(), channels, channel, slice.pixels(),
                    slice.lanes(), slice.parameter(0), epsilon, dx, dx == null ? 0 : slice.dxAt(0), dx != null && slice.adds(0),
                    slice.sums(0), slice.sumsAt(0), slice.sums(1), slice.sumsAt(1), slice.scratch(), slice.scratchAt());
        }

        @Override
        public int scratchFloats() {
            return ChannelKernel.SCRATCH;
        }
    }
}
