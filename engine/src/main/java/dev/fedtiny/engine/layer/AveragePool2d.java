package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Padding;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The mean of each window. The mean of whole maps is {@link GlobalAveragePool}.
 *
 * @param source position of the input
 * @param geometry windows over C × H × W
 * @param countsPadding whether positions on padding count as zeros (PyTorch's {@code count_include_pad}); else the sum is divided by the
 *     number of pixels. What lies beyond the padding, as with {@code ceilMode}, never counts
 */
public record AveragePool2d(int source, Pool2dGeometry geometry, boolean countsPadding) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("average_pool2d", 1, (attributes, sources, inputs) -> new AveragePool2d(sources.getFirst(),
            PoolAttributes.geometry(attributes, inputs.getFirst()), attributes.flag("count_include_pad")));
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that there is a geometry. */
    public AveragePool2d {
        Given.notNull(geometry, "pool: geometry", "windows over the input");
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
        return List.of(geometry.input());
    }

    @Override
    public Shape output() {
        return geometry.output();
    }

    @Override
    public Attributes attributes() {
        return PoolAttributes.of(geometry).with("count_include_pad", countsPadding);
    }

    @Override
    public AveragePool2d withSources(List<Integer> sources) {
        return new AveragePool2d(sources.getFirst(), geometry, countsPadding);
    }

    /** Where all windows have one divisor a tile's are computed like the map's; else only the whole map knows which is at its edge. */
    @Override
    public Reads reads(int ignored) {
        boolean even = !geometry.ceilMode() && (countsPadding || geometry.padding().equals(Padding.NONE));
        return even ? PoolAttributes.reads(geometry, 0) : Reads.WHOLE_MAP;
    }

    @Override
    public boolean treatsChannelsAlike() {
        return true;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(PoolAttributes.windows(geometry, view), countsPadding);
    }

    private record Loops(PoolWindows windows, boolean padded) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.meanForward(slice.x(0), slice.xAt(0), slice.channels(), windows, padded, slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            if (!slice.adds(0)) {
                Arrays.fill(slice.dx(0), slice.dxAt(0), slice.dxAt(0) + slice.channels() * windows.inputFloats(), 0);
            }
            POOLS.meanBackward(slice.dy(), slice.dyAt(), slice.channels(), windows, padded, slice.dx(0), slice.dxAt(0));
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
