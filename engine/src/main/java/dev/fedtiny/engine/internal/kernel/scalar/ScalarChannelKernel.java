// Generated from engine/src/templates/twins/ChannelKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.LENGTH;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.add;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.all;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.div;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.load;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.mul;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.multiplyAdd;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.replaces;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.select;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.sqrt;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.store;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.sub;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.LaneTree;
import java.util.Arrays;

/** {@link ChannelKernel}. */
public final class ScalarChannelKernel implements ChannelKernel {
    /** Floats of a block's sums. */
    private static final int ROW = BLOCK * LANES;

    @Override
    public void softmaxForward(float[] x, int xAt, int channels, int channel, int pixels, float[] y, int yAt, float[] scratch,
            int scratchAt) {
        int all = pixels * LANES;
        for (int from = 0; from < all; from += ROW) {
            int floats = Math.min(ROW, all - from);
            System.arraycopy(x, xAt + from, scratch, scratchAt, floats);
            for (int c = 1; c < channels; c++) {
                largest(x, xAt + from + c * channel, scratch, scratchAt, floats);
            }
            Arrays.fill(scratch, scratchAt + ROW, scratchAt + ROW + floats, 0);
            for (int c = 0; c < channels; c++) {
                int at = from + c * channel;
                exponentials(x, xAt + at, scratch, scratchAt, y, yAt + at, scratchAt + ROW, floats);
            }
            for (int c = 0; c < channels; c++) {
                quotients(y, yAt + from + c * channel, scratch, scratchAt + ROW, floats);
            }
        }
    }

    private static void largest(float[] x, int xAt, float[] m, int mAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            float v = load(x, xAt + i);
            float old = load(m, mAt + i);
            store(select(replaces(v, old), v, old), m, mAt + i);
        }
    }

    private static void exponentials(float[] x, int xAt, float[] scratch, int mAt, float[] y, int yAt, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            float e = ScalarExponentials.exp(sub(load(x, xAt + i), load(scratch, mAt + i)));
            store(e, y, yAt + i);
            store(add(load(scratch, sumAt + i), e), scratch, sumAt + i);
        }
    }

    private static void quotients(float[] y, int yAt, float[] sums, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            store(div(load(y, yAt + i), load(sums, sumAt + i)), y, yAt + i);
        }
    }

    @Override
    public void softmaxBackward(float[] y, int yAt, float[] dy, int dyAt, int channels, int channel, int pixels, float[] dx, int dxAt,
            boolean add, float[] scratch, int scratchAt) {
        int all = pixels * LANES;
        for (int from = 0; from < all; from += ROW) {
            int floats = Math.min(ROW, all - from);
            Arrays.fill(scratch, scratchAt, scratchAt + floats, 0);
            for (int c = 0; c < channels; c++) {
                int at = from + c * channel;
                addProducts(y, yAt + at, dy, dyAt + at, scratch, scratchAt, floats);
            }
            for (int c = 0; c < channels; c++) {
                int at = from + c * channel;
                softmaxGradient(y, yAt + at, dy, dyAt + at, scratch, scratchAt, dx, dxAt + at, floats, add);
            }
        }
    }

    private static void addProducts(float[] a, int aAt, float[] b, int bAt, float[] sums, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            store(multiplyAdd(load(a, aAt + i), load(b, bAt + i), load(sums, sumAt + i)), sums, sumAt + i);
        }
    }

    private static void softmaxGradient(float[] y, int yAt, float[] dy, int dyAt, float[] sums, int sumAt, float[] dx, int dxAt,
            int floats, boolean add) {
        for (int i = 0; i < floats; i += LENGTH) {
            float g = mul(load(y, yAt + i), sub(load(dy, dyAt + i), load(sums, sumAt + i)));
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    @Override
    public void layerNormForward(float[] x, int xAt, int channels, int channel, int pixels, float[] gamma, float[] beta, float epsilon,
            float[] y, int yAt, float[] scratch, int scratchAt) {
        int all = pixels * LANES;
        for (int from = 0; from < all; from += ROW) {
            int floats = Math.min(ROW, all - from);
            blockStatistics(x, xAt + from, channels, channel, epsilon, scratch, scratchAt, floats);
            for (int c = 0; c < channels; c++) {
                int at = from + c * channel;
                normalizeBlock(x, xAt + at, gamma[c], beta[c], scratch, scratchAt, y, yAt + at, floats);
            }
        }
    }

    /** Means of a block's pixels, and behind them the factors 1 / √(variance + ε). */
    private static void blockStatistics(float[] x, int xAt, int channels, int channel, float epsilon, float[] scratch, int at, int floats) {
        Arrays.fill(scratch, at, at + ROW + floats, 0);
        for (int c = 0; c < channels; c++) {
            addValues(x, xAt + c * channel, scratch, at, floats);
        }
        for (int i = at; i < at + floats; i += LENGTH) {
            store(div(load(scratch, i), all((float) channels)), scratch, i);
        }
        for (int c = 0; c < channels; c++) {
            addSquares(x, xAt + c * channel, scratch, at, floats);
        }
        factors(scratch, at + ROW, floats, channels, epsilon);
    }

    /** Sums of squared deviations become 1 / √(variance + ε). */
    private static void factors(float[] scratch, int at, int floats, int values, float epsilon) {
        for (int i = at; i < at + floats; i += LENGTH) {
            float variance = div(load(scratch, i), all((float) values));
            store(div(all(1f), sqrt(add(variance, all(epsilon)))), scratch, i);
        }
    }

    private static void addValues(float[] x, int xAt, float[] sums, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            store(add(load(sums, sumAt + i), load(x, xAt + i)), sums, sumAt + i);
        }
    }

    private static void addSquares(float[] x, int xAt, float[] scratch, int meanAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            float d = sub(load(x, xAt + i), load(scratch, meanAt + i));
            store(multiplyAdd(d, d, load(scratch, meanAt + ROW + i)), scratch, meanAt + ROW + i);
        }
    }

    private static void normalizeBlock(float[] x, int xAt, float gamma, float beta, float[] scratch, int meanAt, float[] y, int yAt,
            int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            float n = mul(sub(load(x, xAt + i), load(scratch, meanAt + i)), load(scratch, meanAt + ROW + i));
            store(multiplyAdd(n, all(gamma), all(beta)), y, yAt + i);
        }
    }

    @Override
    public void layerNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int channel, int pixels, int lanes,
            float[] gamma, float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt, double[] dBeta, int dBetaAt,
            float[] scratch, int scratchAt) {
        clear(dGamma, dGammaAt, channels);
        clear(dBeta, dBetaAt, channels);
        int all = pixels * LANES;
        int sums = scratchAt + 4 * ROW;
        for (int from = 0; from < all; from += ROW) {
            int floats = Math.min(ROW, all - from);
            blockStatistics(x, xAt + from, channels, channel, epsilon, scratch, scratchAt, floats);
            Arrays.fill(scratch, scratchAt + 2 * ROW, sums, 0);
            for (int c = 0; c < channels; c++) {
                int at = from + c * channel;
                for (int lane = 0; lane < LANES; lane += LENGTH) {
                    blockSums(x, xAt + lane + at, dy, dyAt + lane + at, gamma[c], scratch, scratchAt + lane, floats, sums + lane);
                }
                addLanes(scratch, sums, lanes, dBeta, dBetaAt + c);
                addLanes(scratch, sums + LANES, lanes, dGamma, dGammaAt + c);
            }
            for (int c = 0; c < channels && dx != null; c++) {
                int at = from + c * channel;
                blockGradient(x, xAt + at, dy, dyAt + at, gamma[c], channels, scratch, scratchAt, dx, dxAt + at, floats, add);
            }
        }
    }

    private static void clear(double[] sums, int at, int count) {
        if (sums != null) {
            Arrays.fill(sums, at, at + count, 0);
        }
    }

    private static void addLanes(float[] scratch, int at, int lanes, double[] sums, int to) {
        if (sums != null) {
            Arrays.fill(scratch, at + lanes, at + LANES, 0);
            sums[to] += LaneTree.sum(scratch, at);
        }
    }

    /** Adds γ·dy and γ·dy·n, n the normalised value, to each pixel's sums; sums dy and dy·n over the block's pixels. */
    private static void blockSums(float[] x, int xAt, float[] dy, int dyAt, float gamma, float[] scratch, int at, int floats, int sums) {
        float plain = all(0f);
        float product = all(0f);
        for (int i = 0; i < floats; i += LANES) {
            float n = mul(sub(load(x, xAt + i), load(scratch, at + i)), load(scratch, at + ROW + i));
            float g = load(dy, dyAt + i);
            plain = add(plain, g);
            product = multiplyAdd(g, n, product);
            float scaled = mul(g, all(gamma));
            store(add(load(scratch, at + 2 * ROW + i), scaled), scratch, at + 2 * ROW + i);
            store(multiplyAdd(scaled, n, load(scratch, at + 3 * ROW + i)), scratch, at + 3 * ROW + i);
        }
        store(plain, scratch, sums);
        store(product, scratch, sums + LANES);
    }

    private static void blockGradient(float[] x, int xAt, float[] dy, int dyAt, float gamma, int channels, float[] scratch, int at,
            float[] dx, int dxAt, int floats, boolean add) {
        for (int i = 0; i < floats; i += LENGTH) {
            float plain = div(load(scratch, at + 2 * ROW + i), all((float) channels));
            float product = div(load(scratch, at + 3 * ROW + i), all((float) channels));
            float g = gradient(load(x, xAt + i), load(dy, dyAt + i), gamma, load(scratch, at + i), load(scratch, at + ROW + i), plain,
                    product);
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }

    /** factor · (γ·dy − mean of γ·dy − n · mean of γ·dy·n), n the normalised value. */
    private static float gradient(float x, float dy, float gamma, float mean, float factor, float plain, float product) {
        float n = mul(sub(x, mean), factor);
        return mul(factor, sub(sub(mul(dy, all(gamma)), plain), mul(n, product)));
    }

    @Override
    public void groupNormForward(float[] x, int xAt, int channels, int pixels, int groups, float[] gamma, float[] beta, int coefficients,
            float epsilon, float[] y, int yAt, float[] scratch, int scratchAt) {
        int members = channels / groups;
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int group = 0; group < groups; group++) {
                groupStatistics(x, xAt + lane + group * members * pixels * LANES, members * pixels, epsilon, scratch, scratchAt + lane);
                for (int c = group * members; c < (group + 1) * members; c++) {
                    int at = lane + c * pixels * LANES;
                    normalizeChannel(x, xAt + at, scratch, scratchAt + lane, gamma[coefficients + c], beta[coefficients + c], y, yAt + at,
                            pixels);
                }
            }
        }
    }

    /** The mean, and 8 behind it the factor 1 / √(variance + ε). Vectors that methods with loops returned could become objects. */
    private static void groupStatistics(float[] x, int xAt, int values, float epsilon, float[] scratch, int at) {
        sum(x, xAt, values, scratch, at);
        store(div(load(scratch, at), all((float) values)), scratch, at);
        squares(x, xAt, values, scratch, at);
        factors(scratch, at + LANES, LENGTH, values, epsilon);
    }

    /** Σ of values, the i-th going to accumulator i mod 4. */
    private static void sum(float[] x, int base, int values, float[] scratch, int to) {
        float a0 = all(0f);
        float a1 = all(0f);
        float a2 = all(0f);
        float a3 = all(0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= values; i += 4, at += 32) {
            a0 = add(a0, load(x, at));
            a1 = add(a1, load(x, at + LANES));
            a2 = add(a2, load(x, at + 2 * LANES));
            a3 = add(a3, load(x, at + 3 * LANES));
        }
        if (i < values) {
            a0 = add(a0, load(x, at));
        }
        if (i + 1 < values) {
            a1 = add(a1, load(x, at + LANES));
        }
        if (i + 2 < values) {
            a2 = add(a2, load(x, at + 2 * LANES));
        }
        store(add(add(a0, a2), add(a1, a3)), scratch, to);
    }

    /** Σ of squared deviations from the mean, likewise; it goes 8 behind the mean. */
    private static void squares(float[] x, int base, int values, float[] scratch, int meanAt) {
        float mean = load(scratch, meanAt);
        float a0 = all(0f);
        float a1 = all(0f);
        float a2 = all(0f);
        float a3 = all(0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= values; i += 4, at += 32) {
            a0 = addSquare(sub(load(x, at), mean), a0);
            a1 = addSquare(sub(load(x, at + LANES), mean), a1);
            a2 = addSquare(sub(load(x, at + 2 * LANES), mean), a2);
            a3 = addSquare(sub(load(x, at + 3 * LANES), mean), a3);
        }
        if (i < values) {
            a0 = addSquare(sub(load(x, at), mean), a0);
        }
        if (i + 1 < values) {
            a1 = addSquare(sub(load(x, at + LANES), mean), a1);
        }
        if (i + 2 < values) {
            a2 = addSquare(sub(load(x, at + 2 * LANES), mean), a2);
        }
        store(add(add(a0, a2), add(a1, a3)), scratch, meanAt + LANES);
    }

    private static float addSquare(float deviation, float sum) {
        return multiplyAdd(deviation, deviation, sum);
    }

    private static void normalizeChannel(float[] x, int xAt, float[] scratch, int meanAt, float gamma, float beta, float[] y, int yAt,
            int pixels) {
        float mean = load(scratch, meanAt);
        float factor = load(scratch, meanAt + LANES);
        for (int i = 0; i < pixels * LANES; i += LANES) {
            store(multiplyAdd(mul(sub(load(x, xAt + i), mean), factor), all(gamma), all(beta)), y, yAt + i);
        }
    }

    @Override
    public void groupNormBackward(float[] x, int xAt, float[] dy, int dyAt, int channels, int pixels, int groups, int lanes, float[] gamma,
            int coefficients, float epsilon, float[] dx, int dxAt, boolean add, double[] dGamma, int dGammaAt, double[] dBeta, int dBetaAt,
            float[] scratch, int scratchAt) {
        int members = channels / groups;
        int values = members * pixels;
        clear(dGamma, dGammaAt, channels);
        clear(dBeta, dBetaAt, channels);
        int sums = scratchAt + 16;
        int totals = scratchAt + 32;
        for (int group = 0; group < groups; group++) {
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                groupStatistics(x, xAt + lane + group * values * LANES, values, epsilon, scratch, scratchAt + lane);
            }
            Arrays.fill(scratch, totals, totals + 16, 0);
            for (int c = group * members; c < (group + 1) * members; c++) {
                for (int lane = 0; lane < LANES; lane += LENGTH) {
                    int at = lane + c * pixels * LANES;
                    channelSums(x, xAt + at, dy, dyAt + at, scratch, scratchAt + lane, pixels, sums + lane);
                    addScaled(scratch, sums + lane, gamma[coefficients + c], totals + lane);
                    addScaled(scratch, sums + LANES + lane, gamma[coefficients + c], totals + LANES + lane);
                }
                addLanes(scratch, sums, lanes, dBeta, dBetaAt + c);
                addLanes(scratch, sums + LANES, lanes, dGamma, dGammaAt + c);
            }
            for (int c = group * members; c < (group + 1) * members && dx != null; c++) {
                for (int lane = 0; lane < LANES; lane += LENGTH) {
                    int at = lane + c * pixels * LANES;
                    channelGradient(x, xAt + at, dy, dyAt + at, gamma[coefficients + c], values, scratch, scratchAt + lane, dx, dxAt + at,
                            pixels, add);
                }
            }
        }
    }

    /** Σ dy and Σ dy·n over a channel's pixels, n the normalised value. */
    private static void channelSums(float[] x, int xAt, float[] dy, int dyAt, float[] scratch, int meanAt, int pixels, int sums) {
        float mean = load(scratch, meanAt);
        float factor = load(scratch, meanAt + LANES);
        float a0 = all(0f);
        float b0 = all(0f);
        float a1 = all(0f);
        float b1 = all(0f);
        float a2 = all(0f);
        float b2 = all(0f);
        float a3 = all(0f);
        float b3 = all(0f);
        int i = 0;
        for (; i + 4 <= pixels; i += 4) {
            float g0 = load(dy, dyAt + i * LANES);
            a0 = add(a0, g0);
            b0 = multiplyAdd(g0, mul(sub(load(x, xAt + i * LANES), mean), factor), b0);
            float g1 = load(dy, dyAt + i * LANES + LANES);
            a1 = add(a1, g1);
            b1 = multiplyAdd(g1, mul(sub(load(x, xAt + i * LANES + LANES), mean), factor), b1);
            float g2 = load(dy, dyAt + i * LANES + 2 * LANES);
            a2 = add(a2, g2);
            b2 = multiplyAdd(g2, mul(sub(load(x, xAt + i * LANES + 2 * LANES), mean), factor), b2);
            float g3 = load(dy, dyAt + i * LANES + 3 * LANES);
            a3 = add(a3, g3);
            b3 = multiplyAdd(g3, mul(sub(load(x, xAt + i * LANES + 3 * LANES), mean), factor), b3);
        }
        if (i < pixels) {
            float g = load(dy, dyAt + i * LANES);
            a0 = add(a0, g);
            b0 = multiplyAdd(g, mul(sub(load(x, xAt + i * LANES), mean), factor), b0);
        }
        if (i + 1 < pixels) {
            float g = load(dy, dyAt + i * LANES + LANES);
            a1 = add(a1, g);
            b1 = multiplyAdd(g, mul(sub(load(x, xAt + i * LANES + LANES), mean), factor), b1);
        }
        if (i + 2 < pixels) {
            float g = load(dy, dyAt + i * LANES + 2 * LANES);
            a2 = add(a2, g);
            b2 = multiplyAdd(g, mul(sub(load(x, xAt + i * LANES + 2 * LANES), mean), factor), b2);
        }
        store(add(add(a0, a2), add(a1, a3)), scratch, sums);
        store(add(add(b0, b2), add(b1, b3)), scratch, sums + LANES);
    }

    private static void addScaled(float[] scratch, int at, float gamma, int to) {
        store(multiplyAdd(load(scratch, at), all(gamma), load(scratch, to)), scratch, to);
    }

    /** Scratch holds mean and factor, and from 32 on the group's sums of γ·dy and γ·dy·n. */
    private static void channelGradient(float[] x, int xAt, float[] dy, int dyAt, float gamma, int values, float[] scratch, int at,
            float[] dx, int dxAt, int pixels, boolean add) {
        float mean = load(scratch, at);
        float factor = load(scratch, at + LANES);
        float plain = div(load(scratch, at + 32), all((float) values));
        float product = div(load(scratch, at + 40), all((float) values));
        for (int i = 0; i < pixels * LANES; i += LANES) {
            float g = gradient(load(x, xAt + i), load(dy, dyAt + i), gamma, mean, factor, plain, product);
            store(add ? add(load(dx, dxAt + i), g) : g, dx, dxAt + i);
        }
    }
}
