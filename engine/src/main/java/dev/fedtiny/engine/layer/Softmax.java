package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Softmax over the channels of every pixel, {@code y[c] = e^x[c] / Σ e^x[k]}. The losses of {@code train} take logits, not these.
 *
 * @param source position of the input
 * @param output C × H × W, as the input
 */
public record Softmax(int source, Shape output) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("softmax", 1, (attributes, sources, inputs) -> new Softmax(sources.getFirst(),
            inputs.getFirst()));
    private static final ChannelKernel CHANNELS = KernelRegistry.current().channels();

    /** Checks that there is a shape. */
    public Softmax {
        Given.notNull(output, "softmax: output", "the shape of the output");
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
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public Softmax withSources(List<Integer> sources) {
        return new Softmax(sources.getFirst(), output);
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    @Override
    public Division division() {
        return Division.PIXELS;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().channels(), view.output().pixels() * Layout.LANES);
    }

    /** Over channels so many floats apart. */
    private record Loops(int channels, int channel) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            CHANNELS.softmaxForward(slice.x(0), slice.xAt(0), channels, channel, slice.pixels(), slice.y(), slice.yAt(), slice.scratch(),
                    slice.scratchAt());
        }

        @Override
        public void backward(Slice slice) {
            CHANNELS.softmaxBackward(slice.y(), slice.yAt(), slice.dy(), slice.dyAt(), channels, channel, slice.pixels(), slice.dx(0),
                    slice.dxAt(0), slice.adds(0), slice.scratch(), slice.scratchAt());
        }

        @Override
        public boolean readsInputs() {
            return false;
        }

        @Override
        public boolean readsOutput() {
            return true;
        }

        @Override
        public int scratchFloats() {
            return ChannelKernel.SCRATCH;
        }
    }
}
