package dev.fedtiny.engine.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fedtiny.engine.internal.kernel.ElementwiseCases.Bounds;
import dev.fedtiny.engine.internal.kernel.scalar.ScalarElementwiseKernel;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Map kernels against plain sums in double, and the vector twin against the scalar one, bit by bit. */
class ElementwiseKernelTest {
    private static final ElementwiseKernel SCALAR = new ScalarElementwiseKernel();
    private static final float[] SPECIAL = {-0f, 0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, -Float.MIN_VALUE,
        Float.MIN_VALUE, -3f};

    @Test
    void scalarKernelsMatchDoubleSums() {
        for (KernelCase<ElementwiseKernel> example : ElementwiseCases.all()) {
            example.run(SCALAR);
            example.assertExpected();
        }
    }

    @Test
    void vectorKernelsGiveTheSameBits() {
        VectorTwins.require();
        ElementwiseKernel simd = VectorTwins.elementwise();
        for (KernelCase<ElementwiseKernel> example : ElementwiseCases.all()) {
            example.run(SCALAR);
            long[] expected = example.bits();
            example.run(simd);
            assertArrayEquals(expected, example.bits(), example.name());
        }
    }

    /** Of any length, with every special value at every place; what is not finite is above everything that is. */
    @Test
    void theLargestMagnitudeIsFoundAtAnyPlace() {
        VectorTwins.require();
        float[] x = new float[71];
        for (int count = 0; count <= 67; count++) {
            for (int at = 0; at < count; at++) {
                for (float value : SPECIAL) {
                    java.util.Arrays.fill(x, 0.5f);
                    x[2] = Float.NaN;
                    x[3 + count] = Float.NaN;
                    x[3 + at] = value;
                    float expected = count == 1 ? Math.abs(value) : Math.max(0.5f, Math.abs(value));
                    for (ElementwiseKernel kernel : new ElementwiseKernel[] {SCALAR, VectorTwins.elementwise()}) {
                        int bits = kernel.largestMagnitude(x, 3, count);
                        assertEquals(expected, Float.intBitsToFloat(bits), count + " values, " + value + " at " + at);
                        assertEquals(!Float.isFinite(value), bits >= Float.floatToRawIntBits(Float.POSITIVE_INFINITY));
                    }
                }
            }
        }
        assertEquals(0, SCALAR.largestMagnitude(x, 0, 0));
        assertEquals(0, VectorTwins.elementwise().largestMagnitude(x, 0, 0));
    }

    @Test
    void vectorKernelsKeepTheirBits() {
        VectorTwins.require();
        KernelSteadiness.assertSteady(steadyCases(), VectorTwins.elementwise(), SCALAR);
    }

    @Test
    @Tag("long")
    void vectorKernelsAllocateNothingOnceCompiled() {
        VectorTwins.require();
        KernelSteadiness.assertAllocatesNothing(steadyCases(), VectorTwins.elementwise());
    }

    @Test
    void scalarKernelsKeepTheirBits() {
        KernelSteadiness.assertSteady(steadyCases(), SCALAR, SCALAR);
    }

    @Test
    @Tag("long")
    void scalarKernelsAllocateNothingOnceCompiled() {
        KernelSteadiness.assertAllocatesNothing(steadyCases(), SCALAR);
    }

    /** One case of every loop, over one shape: 21 pixels leave a remainder to the four accumulators. */
    private static List<KernelCase<ElementwiseKernel>> steadyCases() {
        MapGeometry plain = MapGeometry.of(MapGeometry.Form.CONTIGUOUS, 3, 3, 7);
        MapGeometry halo = MapGeometry.of(MapGeometry.Form.HALO, 3, 3, 7);
        MapGeometry phase = MapGeometry.of(MapGeometry.Form.PHASE, 3, 3, 7);
        return List.of(ElementwiseCases.apply(plain, halo, true, true, Bounds.RELU),
                ElementwiseCases.apply(phase, plain, true, false, Bounds.NARROW),
                ElementwiseCases.apply(plain, plain, false, true, Bounds.NONE),
                ElementwiseCases.apply(halo, phase, false, false, Bounds.RELU),
                ElementwiseCases.sums(3, 21), ElementwiseCases.sumsOfRows(halo), ElementwiseCases.maskInside(plain, halo, Bounds.RELU),
                ElementwiseCases.maskInside(plain, halo, Bounds.NARROW), ElementwiseCases.add(21 * 8),
                ElementwiseCases.copyLanes(halo, phase, 3, 0b00100110));
    }

    /** The order that makes bits independent of widths and of threads, written down a second time with arrays. */
    @Test
    void sumsFollowTheDocumentedOrder() {
        for (int pixels : new int[] {1, 2, 3, 4, 21, 1024}) {
            float[] x = TestNumbers.floats("order", pixels * 8);
            float[][] accumulators = new float[4][8];
            for (int i = 0; i < x.length; i++) {
                accumulators[i / 8 % 4][i % 8] += x[i];
            }
            float[] lanes = new float[8];
            for (int lane = 0; lane < 8; lane++) {
                lanes[lane] = (accumulators[0][lane] + accumulators[2][lane]) + (accumulators[1][lane] + accumulators[3][lane]);
            }
            float expected =
                    ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
            double[] sum = new double[1];
            SCALAR.sums(x, 0, pixels * 8, 1, pixels, sum, 0);
            assertEquals((double) expected, sum[0], 0.0, "order of " + pixels + " pixels");
            for (int columns : new int[] {1, 2, 3, 7}) {
                int rows = pixels / columns;
                SCALAR.sums(x, 0, pixels * 8, 1, rows * columns, sum, 0);
                double endToEnd = sum[0];
                float[] apart = new float[rows * (columns + 2) * 8];
                java.util.Arrays.fill(apart, Float.NaN);
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(x, row * columns * 8, apart, row * (columns + 2) * 8, columns * 8);
                }
                SCALAR.sumsOfRows(apart, 0, 0, (columns + 2) * 8, 1, rows, columns, sum, 0);
                assertEquals(endToEnd, sum[0], 0.0, rows + " rows of " + columns);
            }
        }
    }

    @Test
    void reluKeepsMinusZeroAndNaN() {
        eachKernel().forEach(kernel -> {
            float[] y = new float[8];
            kernel.apply(SPECIAL, 0, 8, 8, 8, y, 0, 8, 8, 8, 1, 1, 1, null, null, 0, false, 0,
                    Float.POSITIVE_INFINITY);
            assertBits(new float[] {-0f, 0f, Float.NaN, 0f, Float.POSITIVE_INFINITY, 0f, Float.MIN_VALUE, 0f}, y);
            kernel.apply(SPECIAL, 0, 8, 8, 8, y, 0, 8, 8, 8, 1, 1, 1, null, null, 0, false, Float.NEGATIVE_INFINITY,
                    Float.POSITIVE_INFINITY);
            assertBits(SPECIAL, y);
        });
    }

    @Test
    void reluPassesGradientsOnlyWhereTheInputIsPositive() {
        eachKernel().forEach(kernel -> {
            float[] du = {1, 2, Float.NaN, Float.POSITIVE_INFINITY, 5, Float.NaN, 7, 8};
            kernel.maskInside(SPECIAL, 0, 8, 8, 8, du, 0, 8, 8, 8, 1, 1, 1, 0, Float.POSITIVE_INFINITY);
            assertBits(new float[] {0, 0, 0, 0, 5, 0, 7, 0}, du);
        });
    }

    @Test
    void relu6HasNoSlopeOnItsBounds() {
        eachKernel().forEach(kernel -> {
            float[] x = {-1, 0, Float.MIN_VALUE, 3, Math.nextDown(6f), 6, 7, Float.NaN};
            float[] y = new float[8];
            kernel.apply(x, 0, 8, 8, 8, y, 0, 8, 8, 8, 1, 1, 1, null, null, 0, false, 0, 6);
            assertBits(new float[] {0, 0, Float.MIN_VALUE, 3, Math.nextDown(6f), 6, 6, Float.NaN}, y);
            float[] du = {1, 2, 3, 4, 5, 6, 7, 8};
            kernel.maskInside(y, 0, 8, 8, 8, du, 0, 8, 8, 8, 1, 1, 1, 0, 6);
            assertBits(new float[] {0, 0, 3, 4, 5, 0, 0, 0}, du);
        });
    }

    private static Stream<ElementwiseKernel> eachKernel() {
        boolean vectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        return vectors ? Stream.of(SCALAR, VectorTwins.elementwise()) : Stream.of(SCALAR);
    }

    private static void assertBits(float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]),
                    "element " + i + ": expected " + expected[i] + ", got " + actual[i]);
        }
    }
}
