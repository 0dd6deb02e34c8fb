package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * An activation of one pixel repeated to a larger one: what adaptive average pooling does to it.
 *
 * @param source position of the input, C × 1 × 1
 * @param output C × H × W
 */
public record Repeat(int source, Shape output) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("repeat", 1, (attributes, sources, inputs) -> {
        List<Integer> extents = attributes.integers("extents", 2);
        return new Repeat(sources.getFirst(), new Shape(inputs.getFirst().channels(), extents.get(0), extents.get(1)));
    });
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that there is a shape. */
    public Repeat {
        Given.notNull(output, "repeat: output", "the shape of the output");
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
        return List.of(Shape.features(output.channels()));
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("extents", List.of(output.height(), output.width()));
    }

    @Override
    public Repeat withSources(List<Integer> sources) {
        return new Repeat(sources.getFirst(), output);
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.ALL;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().pixels());
    }

    private record Loops(int pixels) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.repeatForward(slice.x(0), slice.xAt(0), slice.channels(), pixels, slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            POOLS.repeatBackward(slice.dy(), slice.dyAt(), slice.channels(), pixels, slice.dx(0), slice.dxAt(0), slice.adds(0));
        }

        @Override
        public boolean readsInputs() {
            return false;
        }
    }
}
