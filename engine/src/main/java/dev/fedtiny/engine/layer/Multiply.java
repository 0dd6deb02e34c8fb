package dev.fedtiny.engine.layer;

import dev.fedtiny.engine.internal.check.Given;
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
    /** Blocks that the pixels of a map are divided into, as many as sixteen threads find work in. */
    private static final int MOST_BLOCKS = 64;
    /** A block is a multiple of so many pixels. */
    private static final int EIGHT = 8;

    /** Checks that s can be broadcast over x. */
    public Multiply {
        Given.notNull(output, "multiply: output", "the shape of the output");
        Given.notNull(factorShape, "multiply: factorShape", "the shape of the factor");
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

    /** A factor of one map is read, and its gradient summed, by all channels; one of a row or less has sums over pixels. */
    @Override
    public Division division() {
        return channelwise() ? Division.CHANNELS : factorShape.pixels() == output.pixels()
                ? new Division.Pixels(Math.ceilDiv(output.pixels(), MOST_BLOCKS * EIGHT) * EIGHT) : Division.WHOLE;
    }

    @Override
    public ArrayOperator bind(View view) {
        Shape large = view.output();
        Shape small = view.inputs().get(1);
        if (division() instanceof Division.Pixels pixels) {
            return OneMap.of(large, pixels.block());
        }
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

    /**
     * A factor of one map for all channels.
     *
     * @param channel floats from one channel to the next
     * @param block pixels of a block
     * @param blocks pixels of one channel, of every number of whole blocks
     * @param rest of one channel, those behind the last whole block
     */
    private record OneMap(int channels, int channel, int block, Broadcast[] blocks, Broadcast rest) implements ArrayOperator {
        static OneMap of(Shape shape, int block) {
            Broadcast[] blocks = new Broadcast[shape.pixels() / block + 1];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = pixels(i * block);
            }
            return new OneMap(shape.channels(), shape.pixels() * Layout.LANES, block, blocks, pixels(shape.pixels() % block));
        }

        private static Broadcast pixels(int count) {
            return new Broadcast(1, 1, count, 0, 0, Layout.LANES);
        }

        @Override
        public void forward(Slice slice) {
            Broadcast whole = blocks[slice.pixels() / block];
            int behind = whole.columns() * Layout.LANES;
            for (int c = 0; c < channels; c++) {
                int x = slice.xAt(0) + c * channel;
                int y = slice.yAt() + c * channel;
                LOOPS.multiply(slice.x(0), x, slice.x(1), slice.xAt(1), whole, slice.y(), y);
                if (slice.pixels() > whole.columns()) {
                    LOOPS.multiply(slice.x(0), x + behind, slice.x(1), slice.xAt(1) + behind, rest, slice.y(), y + behind);
                }
            }
        }

        @Override
        public void backward(Slice slice) {
            if (slice.wanted(1) && !slice.adds(1)) {
                Arrays.fill(slice.dx(1), slice.dxAt(1), slice.dxAt(1) + slice.pixels() * Layout.LANES, 0);
            }
            Broadcast whole = blocks[slice.pixels() / block];
            backward(slice, whole, 0);
            if (slice.pixels() > whole.columns()) {
                backward(slice, rest, whole.columns() * Layout.LANES);
            }
        }

        /** Channels are added to the factor's gradient in their order. */
        private void backward(Slice slice, Broadcast pixels, int offset) {
            for (int c = 0; c < channels; c++) {
                int at = offset + c * channel;
                if (slice.wanted(0)) {
                    LOOPS.multiplyBackward(slice.dy(), slice.dyAt() + at, slice.x(1), slice.xAt(1) + offset, pixels, slice.dx(0),
                            slice.dxAt(0) + at, slice.adds(0));
                }
                if (slice.wanted(1)) {
                    LOOPS.multiplyReduce(slice.dy(), slice.dyAt() + at, slice.x(0), slice.xAt(0) + at, pixels, slice.dx(1),
                            slice.dxAt(1) + offset);
                }
            }
        }
    }
}
