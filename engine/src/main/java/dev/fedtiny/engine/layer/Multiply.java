package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.kernel.Broadcast;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import dev.fedtiny.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * A product value by value, {@code y = x·s}. Along axes where s has extent 1 its value is used for all of x: C × 1 × 1 scales channels, as
 * squeeze and excitation do (Hu et al., 2018).
 *
 * @param source position of x
 * @param factor position of s
 * @param output C × H × W, as x
 * @param factorShape of s: C or 1 × H or 1 × W or 1
 */
public record Multiply(int source, int factor, Shape output, Shape factorShape) implements OperatorLayer {
    static final LayerKind KIND = LayerKind.of("multiply", 2, (attributes, sources, inputs) -> new Multiply(sources.get(0), sources.get(1),
            inputs.get(0), inputs.get(1)));
    private static final PointwiseKernel LOOPS = KernelRegistry.current().pointwise();

    /** Checks that s can be broadcast over x. */
    public Multiply {
        if (!covers(factorShape.channels(), output.channels()) || !covers(factorShape.height(), output.height())
                || !covers(factorShape.width(), output.width())) {
            throw new IllegalArgumentException("network: a factor of " + factorShape + " cannot be broadcast over " + output
                    + "; every extent must be the same or 1");
        }
    }

    private static boolean covers(int small, int large) {
        return small == 1 || small == large;
    }

    @Override
    public String kind() {
        return KIND.key();
    }

    @Override
    public List<Integer> sources() {
        return List.of(source, factor);
    }

    @Override
    public List<Shape> inputs() {
        return List.of(output, factorShape);
    }

    @Override
    public Attributes attributes() {
        return Attributes.EMPTY;
    }

    @Override
    public Multiply withSources(List<Integer> sources) {
        return new Multiply(sources.get(0), sources.get(1), output, factorShape);
    }

    @Override
    public Reads reads(int input) {
        boolean equal = factorShape.height() == output.height() && factorShape.width() == output.width();
        return input == 0 || equal ? Reads.PIXELS : factorShape.pixels() == 1 ? Reads.ALL : Reads.WHOLE_MAP;
    }

    @Override
    public boolean channelwise() {
        return factorShape.channels() == output.channels();
    }

    @Override
    public ArrayOperator bind(View view) {
        Shape large = view.output();
        Shape small = view.inputs().get(1);
        Broadcast[] maps = new Broadcast[large.channels() + 1];
        for (int channels = 1; channels < maps.length; channels++) {
            maps[channels] = Broadcast.of(channels, large.height(), large.width(), channelwise() ? channels : 1, small.height(),
                    small.width()).flattened();
        }
        return new Loops(maps, small.pixels() * Layout.LANES);
    }

    /** One way of broadcasting for every number of channels that a slice may have. */
    private record Loops(Broadcast[] maps, int factorChannel) implements ArrayOperator {
        @Override
        public void forward(Slice slice) {
            LOOPS.multiply(slice.x(0), slice.xAt(0), slice.x(1), slice.xAt(1), maps[slice.channels()], slice.y(), slice.yAt());
        }

        @Override
        public void backward(Slice slice) {
            Broadcast map = maps[slice.channels()];
            if (slice.wanted(0)) {
                LOOPS.multiplyBackward(slice.dy(), slice.dyAt(), slice.x(1), slice.xAt(1), map, slice.dx(0), slice.dxAt(0),
                        slice.adds(0));
            }
            if (slice.wanted(1)) {
                if (!slice.adds(1)) {
                    int channels = map.channelStride() == 0 ? 1 : slice.channels();
                    Arrays.fill(slice.dx(1), slice.dxAt(1), slice.dxAt(1) + channels * factorChannel, 0);
                }
                LOOPS.multiplyReduce(slice.dy(), slice.dyAt(), slice.x(0), slice.xAt(0), map, slice.dx(1), slice.dxAt(1));
            }
        }
    }
}
