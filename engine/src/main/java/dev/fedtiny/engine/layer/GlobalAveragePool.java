package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * Mean over H and W.
 *
 * @param source position of the input
 * @param input C × H × W
 */
public record GlobalAveragePool(int source, Shape input) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("global_average_pool", 1, (attributes, sources, inputs) -> new GlobalAveragePool(
            sources.getFirst(), inputs.getFirst()));
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that there is a shape. */
    public GlobalAveragePool {
        Given.notNull(input, "global average pool: input", "the shape of the input");
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
        return Shape.features(input.channels());
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public GlobalAveragePool withSources(List<Integer> sources) {
        return new GlobalAveragePool(sources.getFirst(), input);
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.ALL;
    }

    @Override
    public boolean treatsChannelsAlike() {
        return true;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.input().pixels());
    }

    private record Loops(int pixels) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.averageForward(slice.x(0), slice.xAt(0), slice.channels(), pixels, slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            POOLS.averageBackward(slice.dy(), slice.dyAt(), slice.channels(), pixels, slice.dx(0), slice.dxAt(0), slice.adds(0));
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
