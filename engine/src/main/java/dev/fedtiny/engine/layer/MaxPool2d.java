package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Max pooling without padding; an edge that no whole window covers is dropped.
 *
 * @param source position of the input
 * @param input C × H × W
 * @param kernel window height and width
 * @param stride pixels between windows
 */
public record MaxPool2d(int source, Shape input, int kernel, int stride) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("max_pool2d", 1, (attributes, sources, inputs) -> new MaxPool2d(sources.getFirst(),
            inputs.getFirst(), attributes.integer("kernel"), attributes.integer("stride")));
    private static final PoolKernel POOLS = KernelRegistry.current().pools();

    /** Checks that at least one window fits. */
    public MaxPool2d {
        if (kernel < 1 || stride < 1) {
            throw new IllegalArgumentException("network: a pool's " + (kernel < 1 ? "kernel is " + kernel : "stride is " + stride)
                    + ", must be at least 1");
        }
        if (kernel > input.height() || kernel > input.width()) {
            throw new IllegalArgumentException("network: a pool's kernel of " + kernel + "×" + kernel + " does not fit into its source, "
                    + input);
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
        return new Shape(input.channels(), (input.height() - kernel) / stride + 1, (input.width() - kernel) / stride + 1);
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY.with("kernel", kernel).with("stride", stride);
    }

    @Override
    public MaxPool2d withSources(List<Integer> sources) {
        return new MaxPool2d(sources.getFirst(), input, kernel, stride);
    }

    @Override
    public Reads reads(int ignored) {
        return Reads.Window.square(kernel, stride, 0, 0);
    }

    @Override
    public ArrayOperator bind(View view) {
        return new Loops(view.input(), view.output(), kernel, stride);
    }

    private record Loops(Shape input, Shape output, int kernel, int stride) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            POOLS.maxForward(slice.x(0), slice.xAt(0), slice.channels(), input.height(), input.width(), kernel, stride, slice.y(),
                    slice.yAt(), output.height(), output.width());
        }

        @Override
        public void backward(Slice slice) {
            if (!slice.adds(0)) {
                Arrays.fill(slice.dx(0), slice.dxAt(0), slice.dxAt(0) + slice.channels() * input.pixels() * Layout.LANES, 0);
            }
            POOLS.maxBackward(slice.x(0), slice.xAt(0), slice.channels(), input.height(), input.width(), kernel, stride, slice.dy(),
                    slice.dyAt(), output.height(), output.width(), slice.dx(0), slice.dxAt(0));
        }
    }
}
