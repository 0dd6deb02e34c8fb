package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.PerAxis;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Nearest-neighbour enlargement: every pixel becomes a rectangle.
 *
 * @param source position of the input
 * @param input C × H × W
 * @param scale rows and columns of the rectangle
 */
public record Upsample(int source, Shape input, PerAxis scale) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("upsample", 1, (attributes, sources, inputs) -> new Upsample(sources.getFirst(),
            inputs.getFirst(), new PerAxis(attributes.integers("scale", 2).get(0), attributes.integers("scale", 2).get(1))));
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that the output's extents are numbers of 32 bits. */
    public Upsample {
        Given.notNull(input, "upsample: input", "the shape of the input");
        Given.notNull(scale, "upsample: scale", "height and width of a pixel's rectangle");
        if ((long) input.height() * scale.height() > Integer.MAX_VALUE || (long) input.width() * scale.width() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("network: " + input + " enlarged by " + scale + " has more than 2^31 - 1 rows or columns");
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
        return List.of(input);
    }

    @Override
    public Shape output() {
        return new Shape(input.channels(), input.height() * scale.height(), input.width() * scale.width());
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("scale", List.of(scale.height(), scale.width()));
    }

    @Override
    public Upsample withSources(List<Integer> sources) {
        return new Upsample(sources.getFirst(), input, scale);
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.WHOLE_MAP;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(input.height(), input.width(), scale.height(), scale.width());
    }

    private record Loops(int height, int width, int down, int across) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.enlargeForward(slice.x(0), slice.xAt(0), slice.channels() * height, width, down, across, slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            POOLS.enlargeBackward(slice.dy(), slice.dyAt(), slice.channels() * height, width, down, across, slice.dx(0), slice.dxAt(0),
                    slice.adds(0));
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
