package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Pool2dGeometry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * The largest value of each window; padding never wins. The whole gradient goes to the first largest value in row order. With the whole map
 * as the only window it is global max pooling.
 *
 * @param source position of the input
 * @param geometry windows over C × H × W
 */
public record MaxPool2d(int source, Pool2dGeometry geometry) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("max_pool2d", 1, (attributes, sources, inputs) -> new MaxPool2d(sources.getFirst(),
            PoolAttributes.geometry(attributes, inputs.getFirst())));
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that there is a geometry. */
    public MaxPool2d {
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
        return PoolAttributes.of(geometry);
    }

    @Override
    public MaxPool2d withSources(List<Integer> sources) {
        return new MaxPool2d(sources.getFirst(), geometry);
    }

    @Override
    public Reads reads(int ignored) {
        return PoolAttributes.reads(geometry, Float.NEGATIVE_INFINITY);
    }

    @Override
    public boolean treatsChannelsAlike() {
        return true;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(PoolAttributes.windows(geometry, view));
    }

    private record Loops(PoolWindows windows) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.maxForward(slice.x(0), slice.xAt(0), slice.channels(), windows, slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            if (!slice.adds(0)) {
                Arrays.fill(slice.dx(0), slice.dxAt(0), slice.dxAt(0) + slice.channels() * windows.inputFloats(), 0);
            }
            POOLS.maxBackward(slice.x(0), slice.xAt(0), slice.channels(), windows, slice.dy(), slice.dyAt(), slice.dx(0), slice.dxAt(0));
        }
    }
}
