// Generated from engine/src/templates/twins/PointwiseKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.LENGTH;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.add;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.all;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.greater;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.less;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.load;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.mul;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.multiplyAdd;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.select;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.store;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.sub;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.Broadcast;
import dev.fedtiny.engine.internal.kernel.Pointwise;
import dev.fedtiny.engine.internal.kernel.PointwiseKernel;

/** {@link PointwiseKernel}: each function and its derivative once, and loops around them. */
public final class ScalarPointwiseKernel implements PointwiseKernel {
    /** √(8/π): the argument of the sigmoid that GELU's tanh is. */
    private static final float ROOT_8_BY_PI = 1.5957692f;
    private static final float CUBIC = 0.044715f;

    private static float leakyRelu(float x, float a, float b) {
        return select(greater(x, all(0f)), x, mul(x, all(a)));
    }

    private static float leakyReluSlope(float x, float a, float b) {
        return select(greater(x, all(0f)), all(1f), all(a));
    }

    private static float sigmoid(float x, float a, float b) {
        return ScalarExponentials.logistic(x);
    }

    private static float sigmoidSlope(float y, float a, float b) {
        return mul(y, sub(all(1f), y));
    }

    private static float hardSigmoid(float x, float a, float b) {
        float line = multiplyAdd(x, all(a), all(b));
        return select(less(line, all(0f)), all(0f), select(greater(line, all(1f)), all(1f), line));
    }

    private static float hardSigmoidSlope(float x, float a, float b) {
        float line = multiplyAdd(x, all(a), all(b));
        return select(greater(line, all(0f)), select(less(line, all(1f)), all(a), all(0f)), all(0f));
    }

    private static float hardSwish(float x, float a, float b) {
        float inner = mul(x, multiplyAdd(x, all(1 / 6f), all(0.5f)));
        return select(greater(x, all(-3f)), select(less(x, all(3f)), inner, x), mul(x, all(0f)));
    }

    private static float hardSwishSlope(float x, float a, float b) {
        float inner = multiplyAdd(x, all(1 / 3f), all(0.5f));
        return select(greater(x, all(-3f)), select(less(x, all(3f)), inner, all(1f)), all(0f));
    }

    private static float silu(float x, float a, float b) {
        return mul(x, ScalarExponentials.logistic(x));
    }

    private static float siluSlope(float x, float a, float b) {
        float s = ScalarExponentials.logistic(x);
        return mul(s, multiplyAdd(x, sub(all(1f), s), all(1f)));
    }

    private static float tanh(float x, float a, float b) {
        return ScalarExponentials.tanh(x);
    }

    private static float tanhSlope(float y, float a, float b) {
        return sub(all(1f), mul(y, y));
    }

    private static float gelu(float x, float a, float b) {
        return mul(x, ScalarExponentials.normalDistribution(x, ScalarExponentials.bell(x)));
    }

    /** Φ(x) + x φ(x). */
    private static float geluSlope(float x, float a, float b) {
        float bell = ScalarExponentials.bell(x);
        return multiplyAdd(x, ScalarExponentials.normalDensity(bell), ScalarExponentials.normalDistribution(x, bell));
    }

    /** x · sigmoid(u), u = √(8/π) (x + 0.044715 x³). */
    private static float geluTanh(float x, float a, float b) {
        return mul(x, ScalarExponentials.logistic(geluArgument(x)));
    }

    /** s + s (1 - s) x u'. Beyond 12 s has reached its limit, and only the product could leave the range of floats. */
    private static float geluTanhSlope(float x, float a, float b) {
        float near = select(greater(x, all(12f)), all(12f), select(less(x, all(-12f)), all(-12f), x));
        float s = ScalarExponentials.logistic(geluArgument(near));
        float slope = mul(all(ROOT_8_BY_PI), multiplyAdd(mul(near, near), all(3 * CUBIC), all(1f)));
        return multiplyAdd(mul(s, sub(all(1f), s)), mul(near, slope), s);
    }

    private static float geluArgument(float x) {
        return mul(mul(x, all(ROOT_8_BY_PI)), multiplyAdd(mul(x, x), all(CUBIC), all(1f)));
    }

    private static float affine(float x, float a, float b) {
        return multiplyAdd(x, all(a), all(b));
    }

    private static float affineSlope(float x, float a, float b) {
        return all(a);
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
            store(leakyRelu(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void leakyReluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), leakyReluSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void sigmoidForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(sigmoid(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void sigmoidBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), sigmoidSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void hardSigmoidForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(hardSigmoid(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void hardSigmoidBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), hardSigmoidSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void hardSwishForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(hardSwish(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void hardSwishBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), hardSwishSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void siluForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(silu(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void siluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), siluSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void tanhForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(tanh(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void tanhBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), tanhSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void geluForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(gelu(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void geluBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), geluSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void geluTanhForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(geluTanh(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void geluTanhBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), geluTanhSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    private static void affineForward(float a, float b, float[] x, int xAt, float[] y, int yAt, int count) {
        for (int i = 0; i < count; i += LENGTH) {
            store(affine(load(x, xAt + i), a, b), y, yAt + i);
        }
    }

    private static void affineBackward(float a, float b, float[] v, int vAt, float[] dy, int dyAt, float[] dx, int dxAt, int count,
            boolean add) {
        for (int i = 0; i < count; i += LENGTH) {
            float g = mul(load(dy, dyAt + i), affineSlope(load(v, vAt + i), a, b));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
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
            float product = mul(load(x, xAt + i * LANES), load(s, sAt + i * sStep));
            store(add ? add(load(y, yAt + i * LANES), product) : product, y, yAt + i * LANES);
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
        float a0 = all(0f);
        float a1 = all(0f);
        float a2 = all(0f);
        float a3 = all(0f);
        int i = 0;
        for (; i + 4 <= pixels; i += 4) {
            a0 = multiplyAdd(load(x, xAt + i * LANES), load(z, zAt + i * LANES), a0);
            a1 = multiplyAdd(load(x, xAt + i * LANES + LANES), load(z, zAt + i * LANES + LANES), a1);
            a2 = multiplyAdd(load(x, xAt + i * LANES + 2 * LANES), load(z, zAt + i * LANES + 2 * LANES), a2);
            a3 = multiplyAdd(load(x, xAt + i * LANES + 3 * LANES), load(z, zAt + i * LANES + 3 * LANES), a3);
        }
        if (i < pixels) {
            a0 = multiplyAdd(load(x, xAt + i * LANES), load(z, zAt + i * LANES), a0);
        }
        if (i + 1 < pixels) {
            a1 = multiplyAdd(load(x, xAt + i * LANES + LANES), load(z, zAt + i * LANES + LANES), a1);
        }
        if (i + 2 < pixels) {
            a2 = multiplyAdd(load(x, xAt + i * LANES + 2 * LANES), load(z, zAt + i * LANES + 2 * LANES), a2);
        }
        store(add(load(y, to), add(add(a0, a2), add(a1, a3))), y, to);
    }

    private static void addProducts(float[] x, int xAt, float[] z, int zAt, int pixels, float[] y, int yAt) {
        for (int i = 0; i < pixels * LANES; i += LANES) {
            store(multiplyAdd(load(x, xAt + i), load(z, zAt + i), load(y, yAt + i)), y, yAt + i);
        }
    }
}
