package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * A map's values as channels, in the order C, H, W, which is how they lie in memory. A {@link Linear} layer reads maps in this order by
 * itself.
 *
 * @param source position of the input
 * @param input C × H × W
 */
public record Flatten(int source, Shape input) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("flatten", 1, (attributes, sources, inputs) -> new Flatten(sources.getFirst(),
            inputs.getFirst()));
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    /** Checks that there is a shape. */
    public Flatten {
        Given.notNull(input, "flatten: input", "the shape of the input");
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
        return List.of(input);
    }

    @Override
    public Shape output() {
        return Shape.features(input.size());
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public Flatten withSources(List<Integer> sources) {
        return new Flatten(sources.getFirst(), input);
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.WHOLE_MAP;
    }

    @Override
    public boolean channelwise() {
        return false;
    }

    @Override
    public Division division() {
        return new Division.Channels(input.pixels());
    }

    @Override
    public int firstChannel(int ignored, int channel) {
        return channel / input.pixels();
    }

    @Override
    public ArrayOperator bind(View view) {
        return Loops.COPY;
    }

    /** Copies all values. */
    private enum Loops implements ArrayOperator {
        COPY;

        @Override
        public void forward(Slice slice) {
            System.arraycopy(slice.x(0), slice.xAt(0), slice.y(), slice.yAt(), slice.channels() * Layout.LANES);
        }

        @Override
        public void backward(Slice slice) {
            int floats = slice.channels() * Layout.LANES;
            if (slice.adds(0)) {
                ELEMENTWISE.add(slice.dy(), slice.dyAt(), slice.dx(0), slice.dxAt(0), floats);
            } else {
                System.arraycopy(slice.dy(), slice.dyAt(), slice.dx(0), slice.dxAt(0), floats);
            }
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
