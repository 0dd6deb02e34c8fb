// Generated from engine/src/templates/twins/PointwiseKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Broadcast;
import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link PointwiseKernel}: each function and its derivative once, and loops around them. */
public final class SimdPointwiseKernel implements PointwiseKernel {
    /** √(8/π): the argument of the sigmoid that GELU's tanh is. */
    private static final float ROOT_8_BY_PI = 1.5957692f;
    private static final float CUBIC = 0.044715f;

    private static FloatVector leakyRelu(FloatVector x, float a, float b) {
        return EXACT.cast(x).mul(FloatVector.broadcast(FLOATS, a)).blend(x, EXACT.cast(x).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, 0f)));
    }

    private static FloatVector leakyReluSlope(FloatVector x, float a, float b) {
        return FloatVector.broadcast(FLOATS, a).blend(FloatVector.broadcast(FLOATS, 1f), EXACT.cast(x).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, 0f)));
    }

    private static FloatVector sigmoid(FloatVector x, float a, float b) {
        return SimdExponentials.logistic(x);
    }

    private static FloatVector sigmoidSlope(FloatVector y, float a, float b) {
        return EXACT.cast(y).mul(FloatVector.broadcast(FLOATS, 1f).sub(y));
    }

    private static FloatVector hardSigmoid(FloatVector x, float a, float b) {
        FloatVector line = EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, a), FloatVector.broadcast(FLOATS, b));
        return EXACT.cast(line).blend(FloatVector.broadcast(FLOATS, 1f), EXACT.cast(line).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, 1f))).blend(FloatVector.broadcast(FLOATS, 0f), EXACT.cast(line).compare(VectorOperators.LT,
                FloatVector.broadcast(FLOATS, 0f)));
    }

    private static FloatVector hardSigmoidSlope(FloatVector x, float a, float b) {
        FloatVector line = EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, a), FloatVector.broadcast(FLOATS, b));
        return FloatVector.broadcast(FLOATS, 0f).blend(FloatVector.broadcast(FLOATS, 0f).blend(FloatVector.broadcast(FLOATS, a),
                EXACT.cast(line).compare(VectorOperators.LT, FloatVector.broadcast(FLOATS, 1f))),
                EXACT.cast(line).compare(VectorOperators.GT, FloatVector.broadcast(FLOATS, 0f)));
    }

    private static FloatVector hardSwish(FloatVector x, float a, float b) {
        FloatVector inner = EXACT.cast(x).mul(EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, 1 / 6f), FloatVector.broadcast(FLOATS,
                0.5f)));
        return EXACT.cast(x).mul(FloatVector.broadcast(FLOATS, 0f)).blend(EXACT.cast(x).blend(inner,
                EXACT.cast(x).compare(VectorOperators.LT, FloatVector.broadcast(FLOATS, 3f))), EXACT.cast(x).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, -3f)));
    }

    private static FloatVector hardSwishSlope(FloatVector x, float a, float b) {
        FloatVector inner = EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, 1 / 3f), FloatVector.broadcast(FLOATS, 0.5f));
        return FloatVector.broadcast(FLOATS, 0f).blend(FloatVector.broadcast(FLOATS, 1f).blend(inner,
                EXACT.cast(x).compare(VectorOperators.LT, FloatVector.broadcast(FLOATS, 3f))), EXACT.cast(x).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, -3f)));
    }

    private static FloatVector silu(FloatVector x, float a, float b) {
        return EXACT.cast(x).mul(SimdExponentials.logistic(x));
    }

    private static FloatVector siluSlope(FloatVector x, float a, float b) {
        FloatVector s = SimdExponentials.logistic(x);
        return EXACT.cast(s).mul(EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, 1f).sub(s), FloatVector.broadcast(FLOATS, 1f)));
    }

    private static FloatVector tanh(FloatVector x, float a, float b) {
        return SimdExponentials.tanh(x);
    }

    private static FloatVector tanhSlope(FloatVector y, float a, float b) {
        return FloatVector.broadcast(FLOATS, 1f).sub(EXACT.cast(y).mul(y));
    }

    private static FloatVector gelu(FloatVector x, float a, float b) {
        return EXACT.cast(x).mul(SimdExponentials.normalDistribution(x, SimdExponentials.bell(x)));
    }

    /** Φ(x) + x φ(x). */
    private static FloatVector geluSlope(FloatVector x, float a, float b) {
        FloatVector bell = SimdExponentials.bell(x);
        return EXACT.cast(x).fma(SimdExponentials.normalDensity(bell), SimdExponentials.normalDistribution(x, bell));
    }

    /** x · sigmoid(u), u = √(8/π) (x + 0.044715 x³). */
    private static FloatVector geluTanh(FloatVector x, float a, float b) {
        return EXACT.cast(x).mul(SimdExponentials.logistic(geluArgument(x)));
    }

    /** s + s (1 - s) x u'. Beyond 12 s has reached its limit, and only the product could leave the range of floats. */
    private static FloatVector geluTanhSlope(FloatVector x, float a, float b) {
        FloatVector near = EXACT.cast(x).blend(FloatVector.broadcast(FLOATS, -12f), EXACT.cast(x).compare(VectorOperators.LT,
                FloatVector.broadcast(FLOATS, -12f))).blend(FloatVector.broadcast(FLOATS, 12f), EXACT.cast(x).compare(VectorOperators.GT,
                FloatVector.broadcast(FLOATS, 12f)));
        FloatVector s = SimdExponentials.logistic(geluArgument(near));
        FloatVector slope = FloatVector.broadcast(FLOATS, ROOT_8_BY_PI).mul(EXACT.cast(near).mul(near).fma(FloatVector.broadcast(FLOATS,
                3 * CUBIC), FloatVector.broadcast(FLOATS, 1f)));
        return EXACT.cast(s).mul(FloatVector.broadcast(FLOATS, 1f).sub(s)).fma(EXACT.cast(near).mul(slope), s);
    }

    private static FloatVector geluArgument(FloatVector x) {
        return EXACT.cast(x).mul(FloatVector.broadcast(FLOATS, ROOT_8_BY_PI)).mul(EXACT.cast(x).mul(x).fma(FloatVector.broadcast(FLOATS,
                CUBIC), FloatVector.broadcast(FLOATS, 1f)));
    }

    private static FloatVector affine(FloatVector x, float a, float b) {
        return EXACT.cast(x).fma(FloatVector.broadcast(FLOATS, a), FloatVector.broadcast(FLOATS, b));
    }

    private static FloatVector affineSlope(FloatVector x, float a, float b) {
        return FloatVector.broadcast(FLOATS, a);
    }

    @Override
    public void forward(Pointwise f, float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        switch (f) {
            case LEAKY_RELU -> leakyReluForward(a, b, x, xAt, y, yAt, count);
            case SIGMOID -> sigmoidForward(a, b, x, xAt, y, yAt, count);
            case HARD_SIGMOID -> hardSigmoidForward(a, b, x, xAt, y, yAt, count);
            case HARD_SWISH -> hardSwishForward(a, b, x, xAt, y, yAt, count);
            case SILU -> siluForward(a, b, x, xAt, y, yAt, count);
            case TANH -> tanhForward(a, b, x, xAt, y, yAt, count);
            case GELU -> geluForward(a, b, x, xAt, y, yAt, count);
            case GELU_TANH -> geluTanhForward(a, b, x, xAt, y, yAt, count);
            case AFFINE -> affineForward(a, b, x, xAt, y, yAt, count);
        }
    }

    @Override
    public void backward(Pointwise f, float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        switch (f) {
            case LEAKY_RELU -> leakyReluBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case SIGMOID -> sigmoidBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case HARD_SIGMOID -> hardSigmoidBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case HARD_SWISH -> hardSwishBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case SILU -> siluBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case TANH -> tanhBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case GELU -> geluBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case GELU_TANH -> geluTanhBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
            case AFFINE -> affineBackward(a, b, v, vAt, dy, dyAt, dx, dxAt, count, add);
        }
    }

    private static void leakyReluForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(leakyRelu(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void leakyReluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(leakyReluSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a,
                    b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void sigmoidForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(sigmoid(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void sigmoidBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(sigmoidSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void hardSigmoidForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(hardSigmoid(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void hardSigmoidBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(hardSigmoidSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a,
                    b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void hardSwishForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(hardSwish(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void hardSwishBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(hardSwishSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a,
                    b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void siluForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(silu(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void siluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(siluSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void tanhForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(tanh(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void tanhBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(tanhSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void geluForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(gelu(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void geluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(geluSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void geluTanhForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(geluTanh(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void geluTanhBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(geluTanhSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    private static void affineForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            EXACT.cast(affine(FloatVector.fromArray(FLOATS, x, xAt + i), a, b)).intoArray(y, yAt + i);
        }
    }

    private static void affineBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i).mul(affineSlope(FloatVector.fromArray(FLOATS, v, vAt + i), a, b));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    @Override
    public void multiply(float[] x, int xAt, float[] s, int sAt, Broadcast map, float[] y, int yAt) {
        multiplyBackward(x, xAt, s, sAt, map, y, yAt, false);
    }

    @Override
    public void multiplyBackward(float[] dy, int dyAt, float[] s, int sAt, Broadcast map, float[] dx, int dxAt, boolean add) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int at = lane;
            for (int c = 0; c < map.channels(); c++) {
                for (int row = 0; row < map.rows(); row++, at += map.columns() * LANES) {
                    multiplyRow(dy, dyAt + at, s, sAt + lane + c * map.channelStride() + row * map.rowStride(), map.columnStride(),
                            map.columns(), dx, dxAt + at, add);
                }
            }
        }
    }

    private static void multiplyRow(float[] x, int xAt, float[] s, int sAt, int sStep, int columns, float[] y, int yAt, boolean add) {
        for (int i = 0; i < columns; i++) {
            FloatVector product = FloatVector.fromArray(FLOATS, x, xAt + i * LANES).mul(FloatVector.fromArray(FLOATS, s, sAt + i * sStep));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, y, yAt + i * LANES).add(product) : product).intoArray(y, yAt + i * LANES);
        }
    }

    @Override
    public void multiplyReduce(float[] dy, int dyAt, float[] x, int xAt, Broadcast map, float[] ds, int dsAt) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int at = lane;
            for (int c = 0; c < map.channels(); c++) {
                for (int row = 0; row < map.rows(); row++, at += map.columns() * LANES) {
                    int to = dsAt + lane + c * map.channelStride() + row * map.rowStride();
                    if (map.columnStride() == 0) {
                        addDot(dy, dyAt + at, x, xAt + at, map.columns(), ds, to);
                    } else {
                        addProducts(dy, dyAt + at, x, xAt + at, map.columns(), ds, to);
                    }
                }
            }
        }
    }

    /** Adds Σ of products over consecutive pixels, pixel i going to accumulator i mod 4. */
    private static void addDot(float[] x, int xAt, float[] z, int zAt, int pixels, float[] y, int to) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        for (; i + 4 <= pixels; i += 4) {
            a0 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES).fma(FloatVector.fromArray(FLOATS, z, zAt + i * LANES), a0);
            a1 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES + LANES).fma(FloatVector.fromArray(FLOATS, z, zAt + i * LANES + LANES),
                    a1);
            a2 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 2 * LANES).fma(FloatVector.fromArray(FLOATS, z,
                    zAt + i * LANES + 2 * LANES), a2);
            a3 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 3 * LANES).fma(FloatVector.fromArray(FLOATS, z,
                    zAt + i * LANES + 3 * LANES), a3);
        }
        if (i < pixels) {
            a0 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES).fma(FloatVector.fromArray(FLOATS, z, zAt + i * LANES), a0);
        }
        if (i + 1 < pixels) {
            a1 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES + LANES).fma(FloatVector.fromArray(FLOATS, z, zAt + i * LANES + LANES),
                    a1);
        }
        if (i + 2 < pixels) {
            a2 = FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 2 * LANES).fma(FloatVector.fromArray(FLOATS, z,
                    zAt + i * LANES + 2 * LANES), a2);
        }
        FloatVector.fromArray(FLOATS, y, to).add(EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3))).intoArray(y, to);
    }

    private static void addProducts(float[] x, int xAt, float[] z, int zAt, int pixels, float[] y, int yAt) {
        for (int i = 0; i < pixels * LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).fma(FloatVector.fromArray(FLOATS, z, zAt + i), FloatVector.fromArray(FLOATS, y,
                    yAt + i)).intoArray(y, yAt + i);
        }
    }
}
