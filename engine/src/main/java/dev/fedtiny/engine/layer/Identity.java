package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.List;

/**
 * An activation as it is. The planner makes a step of it where somebody needs a stored copy of a value that is otherwise computed as it is
 * read.
 *
 * @param source position of the input
 * @param output as the input
 */
public record Identity(int source, Shape output) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("identity", 1, (attributes, sources, inputs) -> new Identity(sources.getFirst(),
            inputs.getFirst()));
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();

    /** Checks that there is a shape. */
    public Identity {
        Given.notNull(output, "identity: output", "the shape of the output");
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
    public Identity withSources(List<Integer> sources) {
        return new Identity(sources.getFirst(), output);
    }

    @Override
    public boolean isIdentity(boolean training) {
        return true;
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.output().pixels() * Layout.LANES);
    }

    /** Copies channels of so many floats. */
    private record Loops(int channelFloats) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            System.arraycopy(slice.x(0), slice.xAt(0), slice.y(), slice.yAt(), slice.channels() * channelFloats);
        }

        @Override
        public void backward(Slice slice) {
            int floats = slice.channels() * channelFloats;
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
