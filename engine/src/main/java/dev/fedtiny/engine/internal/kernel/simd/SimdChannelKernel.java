// Generated from engine/src/templates/twins/ChannelKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ChannelKernel;
import dev.fedtiny.engine.internal.kernel.LaneTree;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link ChannelKernel}. */
public final class SimdChannelKernel implements ChannelKernel {
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
            FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i);
            FloatVector old = FloatVector.fromArray(FLOATS, m, mAt + i);
            EXACT.cast(old).blend(v, EXACT.cast(v).compare(VectorOperators.GT, old).or(EXACT.cast(v).compare(VectorOperators.NE,
                    v))).intoArray(m, mAt + i);
        }
    }

    private static void exponentials(float[] x, int xAt, float[] scratch, int mAt, float[] y, int yAt, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector e = SimdExponentials.exp(FloatVector.fromArray(FLOATS, x, xAt + i).sub(FloatVector.fromArray(FLOATS, scratch,
                    mAt + i)));
            EXACT.cast(e).intoArray(y, yAt + i);
            FloatVector.fromArray(FLOATS, scratch, sumAt + i).add(e).intoArray(scratch, sumAt + i);
        }
    }

    private static void quotients(float[] y, int yAt, float[] sums, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector.fromArray(FLOATS, y, yAt + i).div(FloatVector.fromArray(FLOATS, sums, sumAt + i)).intoArray(y, yAt + i);
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
            FloatVector.fromArray(FLOATS, a, aAt + i).fma(FloatVector.fromArray(FLOATS, b, bAt + i), FloatVector.fromArray(FLOATS, sums,
                    sumAt + i)).intoArray(sums, sumAt + i);
        }
    }

    private static void softmaxGradient(float[] y, int yAt, float[] dy, int dyAt, float[] sums, int sumAt, float[] dx, int dxAt,
            int floats, boolean add) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector g = FloatVector.fromArray(FLOATS, y, yAt + i).mul(FloatVector.fromArray(FLOATS, dy,
                    dyAt + i).sub(FloatVector.fromArray(FLOATS, sums, sumAt + i)));
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
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
            FloatVector.fromArray(FLOATS, scratch, i).div(FloatVector.broadcast(FLOATS, (float) channels)).intoArray(scratch, i);
        }
        for (int c = 0; c < channels; c++) {
            addSquares(x, xAt + c * channel, scratch, at, floats);
        }
        factors(scratch, at + ROW, floats, channels, epsilon);
    }

    /** Sums of squared deviations become 1 / √(variance + ε). */
    private static void factors(float[] scratch, int at, int floats, int values, float epsilon) {
        for (int i = at; i < at + floats; i += LENGTH) {
            FloatVector variance = FloatVector.fromArray(FLOATS, scratch, i).div(FloatVector.broadcast(FLOATS, (float) values));
            FloatVector.broadcast(FLOATS, 1f).div(EXACT.cast(variance).add(FloatVector.broadcast(FLOATS,
                    epsilon)).lanewise(VectorOperators.SQRT)).intoArray(scratch, i);
        }
    }

    private static void addValues(float[] x, int xAt, float[] sums, int sumAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector.fromArray(FLOATS, sums, sumAt + i).add(FloatVector.fromArray(FLOATS, x, xAt + i)).intoArray(sums, sumAt + i);
        }
    }

    private static void addSquares(float[] x, int xAt, float[] scratch, int meanAt, int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector d = FloatVector.fromArray(FLOATS, x, xAt + i).sub(FloatVector.fromArray(FLOATS, scratch, meanAt + i));
            EXACT.cast(d).fma(d, FloatVector.fromArray(FLOATS, scratch, meanAt + ROW + i)).intoArray(scratch, meanAt + ROW + i);
        }
    }

    private static void normalizeBlock(float[] x, int xAt, float gamma, float beta, float[] scratch, int meanAt, float[] y, int yAt,
            int floats) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector n = FloatVector.fromArray(FLOATS, x, xAt + i).sub(FloatVector.fromArray(FLOATS, scratch,
                    meanAt + i)).mul(FloatVector.fromArray(FLOATS, scratch, meanAt + ROW + i));
            EXACT.cast(n).fma(FloatVector.broadcast(FLOATS, gamma), FloatVector.broadcast(FLOATS, beta)).intoArray(y, yAt + i);
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
        FloatVector plain = FloatVector.broadcast(FLOATS, 0f);
        FloatVector product = FloatVector.broadcast(FLOATS, 0f);
        for (int i = 0; i < floats; i += LANES) {
            FloatVector n = FloatVector.fromArray(FLOATS, x, xAt + i).sub(FloatVector.fromArray(FLOATS, scratch,
                    at + i)).mul(FloatVector.fromArray(FLOATS, scratch, at + ROW + i));
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i);
            plain = EXACT.cast(plain).add(g);
            product = EXACT.cast(g).fma(n, product);
            FloatVector scaled = EXACT.cast(g).mul(FloatVector.broadcast(FLOATS, gamma));
            FloatVector.fromArray(FLOATS, scratch, at + 2 * ROW + i).add(scaled).intoArray(scratch, at + 2 * ROW + i);
            EXACT.cast(scaled).fma(n, FloatVector.fromArray(FLOATS, scratch, at + 3 * ROW + i)).intoArray(scratch, at + 3 * ROW + i);
        }
        EXACT.cast(plain).intoArray(scratch, sums);
        EXACT.cast(product).intoArray(scratch, sums + LANES);
    }

    private static void blockGradient(float[] x, int xAt, float[] dy, int dyAt, float gamma, int channels, float[] scratch, int at,
            float[] dx, int dxAt, int floats, boolean add) {
        for (int i = 0; i < floats; i += LENGTH) {
            FloatVector plain = FloatVector.fromArray(FLOATS, scratch, at + 2 * ROW + i).div(FloatVector.broadcast(FLOATS,
                    (float) channels));
            FloatVector product = FloatVector.fromArray(FLOATS, scratch, at + 3 * ROW + i).div(FloatVector.broadcast(FLOATS,
                    (float) channels));
            FloatVector g = gradient(FloatVector.fromArray(FLOATS, x, xAt + i), FloatVector.fromArray(FLOATS, dy, dyAt + i), gamma,
                    FloatVector.fromArray(FLOATS, scratch, at + i), FloatVector.fromArray(FLOATS, scratch, at + ROW + i), plain,
                    product);
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }

    /** factor · (γ·dy − mean of γ·dy − n · mean of γ·dy·n), n the normalised value. */
    private static FloatVector gradient(FloatVector x, FloatVector dy, float gamma, FloatVector mean, FloatVector factor, FloatVector plain,
            FloatVector product) {
        FloatVector n = EXACT.cast(x).sub(mean).mul(factor);
        return EXACT.cast(factor).mul(EXACT.cast(dy).mul(FloatVector.broadcast(FLOATS, gamma)).sub(plain).sub(EXACT.cast(n).mul(product)));
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
        FloatVector.fromArray(FLOATS, scratch, at).div(FloatVector.broadcast(FLOATS, (float) values)).intoArray(scratch, at);
        squares(x, xAt, values, scratch, at);
        factors(scratch, at + LANES, LENGTH, values, epsilon);
    }

    /** Σ of values, the i-th going to accumulator i mod 4. */
    private static void sum(float[] x, int base, int values, float[] scratch, int to) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= values; i += 4, at += 32) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + LANES));
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 2 * LANES));
            a3 = EXACT.cast(a3).add(FloatVector.fromArray(FLOATS, x, at + 3 * LANES));
        }
        if (i < values) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
        }
        if (i + 1 < values) {
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + LANES));
        }
        if (i + 2 < values) {
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 2 * LANES));
        }
        EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3)).intoArray(scratch, to);
    }

    /** Σ of squared deviations from the mean, likewise; it goes 8 behind the mean. */
    private static void squares(float[] x, int base, int values, float[] scratch, int meanAt) {
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, meanAt);
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= values; i += 4, at += 32) {
            a0 = addSquare(FloatVector.fromArray(FLOATS, x, at).sub(mean), a0);
            a1 = addSquare(FloatVector.fromArray(FLOATS, x, at + LANES).sub(mean), a1);
            a2 = addSquare(FloatVector.fromArray(FLOATS, x, at + 2 * LANES).sub(mean), a2);
            a3 = addSquare(FloatVector.fromArray(FLOATS, x, at + 3 * LANES).sub(mean), a3);
        }
        if (i < values) {
            a0 = addSquare(FloatVector.fromArray(FLOATS, x, at).sub(mean), a0);
        }
        if (i + 1 < values) {
            a1 = addSquare(FloatVector.fromArray(FLOATS, x, at + LANES).sub(mean), a1);
        }
        if (i + 2 < values) {
            a2 = addSquare(FloatVector.fromArray(FLOATS, x, at + 2 * LANES).sub(mean), a2);
        }
        EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3)).intoArray(scratch, meanAt + LANES);
    }

    private static FloatVector addSquare(FloatVector deviation, FloatVector sum) {
        return EXACT.cast(deviation).fma(deviation, sum);
    }

    private static void normalizeChannel(float[] x, int xAt, float[] scratch, int meanAt, float gamma, float beta, float[] y, int yAt,
            int pixels) {
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, meanAt);
        FloatVector factor = FloatVector.fromArray(FLOATS, scratch, meanAt + LANES);
        for (int i = 0; i < pixels * LANES; i += LANES) {
            FloatVector.fromArray(FLOATS, x, xAt + i).sub(mean).mul(factor).fma(FloatVector.broadcast(FLOATS, gamma),
                    FloatVector.broadcast(FLOATS, beta)).intoArray(y, yAt + i);
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
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, meanAt);
        FloatVector factor = FloatVector.fromArray(FLOATS, scratch, meanAt + LANES);
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector b0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector b1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector b2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector b3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        for (; i + 4 <= pixels; i += 4) {
            FloatVector g0 = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES);
            a0 = EXACT.cast(a0).add(g0);
            b0 = EXACT.cast(g0).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES).sub(mean).mul(factor), b0);
            FloatVector g1 = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES + LANES);
            a1 = EXACT.cast(a1).add(g1);
            b1 = EXACT.cast(g1).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES + LANES).sub(mean).mul(factor), b1);
            FloatVector g2 = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES + 2 * LANES);
            a2 = EXACT.cast(a2).add(g2);
            b2 = EXACT.cast(g2).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 2 * LANES).sub(mean).mul(factor), b2);
            FloatVector g3 = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES + 3 * LANES);
            a3 = EXACT.cast(a3).add(g3);
            b3 = EXACT.cast(g3).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 3 * LANES).sub(mean).mul(factor), b3);
        }
        if (i < pixels) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES);
            a0 = EXACT.cast(a0).add(g);
            b0 = EXACT.cast(g).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES).sub(mean).mul(factor), b0);
        }
        if (i + 1 < pixels) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES + LANES);
            a1 = EXACT.cast(a1).add(g);
            b1 = EXACT.cast(g).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES + LANES).sub(mean).mul(factor), b1);
        }
        if (i + 2 < pixels) {
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES + 2 * LANES);
            a2 = EXACT.cast(a2).add(g);
            b2 = EXACT.cast(g).fma(FloatVector.fromArray(FLOATS, x, xAt + i * LANES + 2 * LANES).sub(mean).mul(factor), b2);
        }
        EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3)).intoArray(scratch, sums);
        EXACT.cast(b0).add(b2).add(EXACT.cast(b1).add(b3)).intoArray(scratch, sums + LANES);
    }

    private static void addScaled(float[] scratch, int at, float gamma, int to) {
        FloatVector.fromArray(FLOATS, scratch, at).fma(FloatVector.broadcast(FLOATS, gamma), FloatVector.fromArray(FLOATS, scratch,
                to)).intoArray(scratch, to);
    }

    /** Scratch holds mean and factor, and from 32 on the group's sums of γ·dy and γ·dy·n. */
    private static void channelGradient(float[] x, int xAt, float[] dy, int dyAt, float gamma, int values, float[] scratch, int at,
            float[] dx, int dxAt, int pixels, boolean add) {
        FloatVector mean = FloatVector.fromArray(FLOATS, scratch, at);
        FloatVector factor = FloatVector.fromArray(FLOATS, scratch, at + LANES);
        FloatVector plain = FloatVector.fromArray(FLOATS, scratch, at + 32).div(FloatVector.broadcast(FLOATS, (float) values));
        FloatVector product = FloatVector.fromArray(FLOATS, scratch, at + 40).div(FloatVector.broadcast(FLOATS, (float) values));
        for (int i = 0; i < pixels * LANES; i += LANES) {
            FloatVector g = gradient(FloatVector.fromArray(FLOATS, x, xAt + i), FloatVector.fromArray(FLOATS, dy, dyAt + i), gamma, mean,
                    factor, plain, product);
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, dxAt + i).add(g) : g).intoArray(dx, dxAt + i);
        }
    }
}
