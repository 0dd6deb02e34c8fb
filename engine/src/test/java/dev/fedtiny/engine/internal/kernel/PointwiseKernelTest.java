package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.internal.kernel.scalar.ScalarPointwiseKernel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Activation functions and products: scalar loops against double precision, vector loops against those, bit by bit. */
class PointwiseKernelTest extends KernelContract<PointwiseKernel> {
    private static final PointwiseKernel SCALAR = new ScalarPointwiseKernel();

    @Override
    PointwiseKernel scalar() {
        return SCALAR;
    }

    @Override
    PointwiseKernel vectors() {
        return VectorTwins.pointwise();
    }

    @Override
    List<KernelCase<PointwiseKernel>> all() {
        return PointwiseCases.all();
    }

    @Override
    List<KernelCase<PointwiseKernel>> some() {
        return PointwiseCases.some();
    }

    /** Nothing finite overflows to NaN on its way, forward or backward, and a NaN stays one. */
    @Test
    void finiteValuesStayNumbersAndNaNStaysNaN() {
        float[] x = {1e30f, -1e30f, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, 100, -100, Float.NaN};
        float[] dy = {1, 1, 1, 1, 1, 1, 1, 1};
        for (PointwiseKernel kernel : kernels()) {
            for (Pointwise f : Pointwise.values()) {
                float[] y = new float[8];
                float[] dx = new float[8];
                kernel.forward(f, 0.1f, 0.5f, x, 0, y, 0, 8);
                kernel.backward(f, 0.1f, 0.5f, f.ofOutput() ? y : x, 0, dy, 0, dx, 0, 8, false);
                for (int i = 0; i < 7; i++) {
                    assertTrue(Float.isFinite(y[i]) && Float.isFinite(dx[i]), f + " at " + x[i] + ": " + y[i] + ", slope " + dx[i]);
                }
                assertTrue(Float.isNaN(y[7]), f + " of NaN is " + y[7]);
            }
        }
    }

    /** Derivatives where two pieces meet are PyTorch's. */
    @Test
    void derivativesAtKinks() {
        float[] x = {0, -3, 3, -3, 3, -3.0001f, 3.0001f, -0f};
        for (PointwiseKernel kernel : kernels()) {
            assertArrayEquals(new float[] {0.01f, 0.01f, 1, 0.01f, 1, 0.01f, 1, 0.01f}, slopes(kernel, Pointwise.LEAKY_RELU, 0.01f, 0, x));
            assertArrayEquals(new float[] {1 / 6f, 0, 0, 0, 0, 0, 0, 1 / 6f}, slopes(kernel, Pointwise.HARD_SIGMOID, 1 / 6f, 0.5f, x));
            assertArrayEquals(new float[] {0.5f, 0, 1, 0, 1, 0, 1, 0.5f}, slopes(kernel, Pointwise.HARD_SWISH, 0, 0, x));
        }
    }

    private static float[] slopes(PointwiseKernel kernel, Pointwise f, float a, float b, float[] x) {
        float[] dx = new float[8];
        kernel.backward(f, a, b, x, 0, new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 0, dx, 0, 8, false);
        return dx;
    }

    private static List<PointwiseKernel> kernels() {
        boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return vectors ? List.of(SCALAR, VectorTwins.pointwise()) : List.of(SCALAR);
    }
}
