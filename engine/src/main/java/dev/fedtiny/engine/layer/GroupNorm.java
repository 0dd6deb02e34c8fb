package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Group normalisation, {@code y = γ (x − mean) / √(variance + ε) + β} with the statistics of each image's group of channels over all pixels
 * (Wu and He, 2018). With one group it normalises whole images, with C groups every map by itself (instance normalisation).
 *
 * @param name prefix of {@code .weight} (γ) and {@code .bias} (β), each (C)
 * @param source position of the input
 * @param output C × H × W, as the input
 * @param groups parts that channels are cut into, in order; divides C
 * @param epsilon ε, at least 0
 */
public record GroupNorm(String name, int source, Shape output, int groups, double epsilon) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("group_norm", 1, (attributes, sources, inputs) -> new GroupNorm(attributes.text("name"),
            sources.getFirst(), inputs.getFirst(), attributes.integer("groups"), attributes.number("epsilon")));
    private static final ChannelKernel CHANNELS = KernelRegistry.current().channels();

    /** Checks groups and ε. */
    public GroupNorm {
        Given.notNull(name, "group norm: name", "what its parameters begin with, such as 'conv1'");
        Given.notNull(output, "group norm: output", "the shape of the output");
        if (groups < 1 || output.channels() % groups != 0) {
            throw new IllegalArgumentException("group norm '" + name + "': " + groups + " groups do not divide the channels of " + output);
        }
        if (!(epsilon >= 0 && Float.isFinite((float) epsilon))) {
            throw new IllegalArgumentException("group norm '" + name + "': epsilon is " + epsilon + ", must be at least 0 and finite in "
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
        return Attributes.EMPTY.with("name", name).with("groups", groups).with("epsilon", epsilon);
    }

    @Override
    public GroupNorm withSources(List<Integer> sources) {
        return new GroupNorm(name, sources.getFirst(), output, groups, epsilon);
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    @Override
    public Division.Channels division() {
        return new Division.Channels(output.channels() / groups);
    }

    @Override
    public int firstChannel(int ignored, int channel) {
        return channel;
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.WHOLE_MAP;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(division().part(), view.output().pixels(), (float) epsilon);
    }

    /** Groups of so many channels. */
    private record Loops(int members, int pixels, float epsilon) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            int channels = slice.channels();
            CHANNELS.groupNormForward(slice.x(0), slice.xAt(0), channels, pixels, channels / members, slice.parameter(0),
                    slice.parameter(1), slice.firstChannel(), epsilon, slice.y(), slice.yAt(), slice.scratch(), slice.scratchAt());
        }

        @Override
        public void backward(Slice slice) {
            float[] dx = slice.wanted(0) ? slice.dx(0) : null;
            int channels = slice.channels();
            int first = slice.firstChannel();
            CHANNELS.groupNormBackward(slice.x(0), slice.xAt(0), slice.dy(), slice.dyAt(), channels, pixels, channels / members,
                    slice.lanes(), slice.parameter(0), first, epsilon, dx, dx == null ? 0 : slice.dxAt(0), dx != null && slice.adds(0),
                    slice.sums(0), slice.sumsAt(0) + first, slice.sums(1), slice.sumsAt(1) + first, slice.scratch(), slice.scratchAt());
        }

        @Override
        public int scratchFloats() {
            return ChannelKernel.SCRATCH;
        }
    }
}
