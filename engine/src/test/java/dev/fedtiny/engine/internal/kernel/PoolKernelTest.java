package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarPoolKernel;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Pooling kernels against plain double arithmetic, and the vector twin against the scalar one, bit by bit. */
class PoolKernelTest extends KernelContract<PoolKernel> {
    private static final PoolKernel SCALAR = new ScalarPoolKernel();
    /** One window of 2 × 2. */
    private static final PoolWindows SQUARE =
            new PoolWindows(new PoolWindows.Axis(2, 1, 2, 2, 0, 0), new PoolWindows.Axis(2, 1, 2, 2, 0, 0));

    @Override
    PoolKernel scalar() {
        return SCALAR;
    }

    @Override
    PoolKernel vectors() {
        return VectorTwins.pools();
    }

    @Override
    List<KernelCase<PoolKernel>> all() {
        return PoolCases.all();
    }

    @Override
    List<KernelCase<PoolKernel>> some() {
        return PoolCases.some();
    }

    @Test
    void scalarKernelsKeepTheirBits() {
        KernelSteadiness.assertSteady(some(), SCALAR, SCALAR);
    }

    @Test
    @Tag("long")
    void scalarKernelsAllocateNothingOnceCompiled() {
        KernelSteadiness.assertAllocatesNothing(some(), SCALAR);
    }

    /** A network that has diverged must not look healthy behind a pooling layer. */
    @Test
    void maximumOfAWindowWithNaNIsNaNWhereverItStands() {
        eachKernel().forEach(kernel -> {
            for (int place = 0; place < 4; place++) {
                float[] x = TestNumbers.floats("nan", 4 * 8);
                x[place * 8 + 2] = Float.NaN;
                float[] y = new float[8];
                kernel.maxForward(x, 0, 1, SQUARE, y, 0);
                float[] dx = new float[4 * 8];
                kernel.maxBackward(x, 0, 1, SQUARE, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 0, dx, 0);
                for (int lane = 0; lane < 8; lane++) {
                    float[] received = {dx[lane], dx[8 + lane], dx[16 + lane], dx[24 + lane]};
                    float[] expected = new float[4];
                    int largest = lane == 2 ? place : largest(x, lane);
                    expected[largest] = lane + 1;
                    assertArrayEquals(new float[] {x[largest * 8 + lane]}, new float[] {y[lane]}, "maximum in lane " + lane);
                    assertArrayEquals(expected, received, "gradient in lane " + lane);
                }
            }
        });
    }

    private static int largest(float[] x, int lane) {
        int largest = 0;
        for (int t = 1; t < 4; t++) {
            if (x[t * 8 + lane] > x[largest * 8 + lane]) {
                largest = t;
            }
        }
        return largest;
    }

    private static Stream<PoolKernel> eachKernel() {
        boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return vectors ? Stream.of(SCALAR, VectorTwins.pools()) : Stream.of(SCALAR);
    }
}
