package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Several inputs as one, their channels one after the other.
 *
 * @param sources positions of the inputs, in the order of their channels
 * @param inputs their shapes, equal but for the channels
 */
public record Concat(List<Integer> sources, List<Shape> inputs) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.ofAny("concat", (attributes, sources, inputs) -> new Concat(sources, inputs));
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    /** Checks that there are inputs and that their maps are equally large. */
    public Concat {
        sources = List.copyOf(Given.notNull(sources, "concat: sources", "positions of the inputs"));
        inputs = List.copyOf(Given.notNull(inputs, "concat: inputs", "their shapes"));
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("network: a concatenation of nothing; give at least one source");
        }
        if (channels(inputs) > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("network: a concatenation to " + channels(inputs)
                    + " channels, more than the 2^31 - 1 that a map can have");
        }
        for (Shape input : inputs) {
            if (input.height() != inputs.getFirst().height() || input.width() != inputs.getFirst().width()) {
                throw new IllegalArgumentException("network: maps of " + inputs.getFirst() + " and " + input
                        + " cannot be concatenated along channels; height and width must be equal");
            }
        }
    }

    private static long channels(List<Shape> inputs) {
        return inputs.stream().mapToLong(Shape::channels).sum();
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public Shape output() {
        return new Shape((int) channels(inputs), inputs.getFirst().height(), inputs.getFirst().width());
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public Concat withSources(List<Integer> others) {
        return new Concat(others, inputs);
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    @Override
    public Division division() {
        return Division.CHANNELS;
    }

    @Override
    public int firstChannel(int input, int channel) {
        long before = channels(inputs.subList(0, input));
        return Math.clamp(channel - before, 0, inputs.get(input).channels());
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(inputs.size(), view.output().pixels() * Layout.LANES);
    }

    /** Copies channels of so many floats. */
    private record Loops(int inputs, int channel) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            int at = slice.yAt();
            for (int i = 0; i < inputs; i++) {
                int floats = slice.channels(i) * channel;
                System.arraycopy(slice.x(i), slice.xAt(i), slice.y(), at, floats);
                at += floats;
            }
        }

        @Override
        public void backward(Slice slice) {
            int at = slice.dyAt();
            for (int i = 0; i < inputs; i++) {
                int floats = slice.channels(i) * channel;
                if (slice.wanted(i) && slice.adds(i)) {
                    ELEMENTWISE.add(slice.dy(), at, slice.dx(i), slice.dxAt(i), floats);
                } else if (slice.wanted(i)) {
                    System.arraycopy(slice.dy(), at, slice.dx(i), slice.dxAt(i), floats);
                }
                at += floats;
            }
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
