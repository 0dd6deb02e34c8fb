package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.FusedMultiply;
import dev.fedtiny.engine.internal.kernel.LaneTree;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ElementwiseKernel} on vectors. Loops are small methods of their own and few: C2 inlines them together up to a number of nodes,
 * and what it no longer inlines makes objects of its vectors.
 */
public final class SimdElementwiseKernel implements ElementwiseKernel {
    /** What added to any float leaves it as it is, −0 included: 1·z + NOTHING is z, so one loop serves with and without coefficients. */
    private static final float NOTHING = -0.0f;
    private static final VectorSpecies<Integer> INT_SPECIES = FLOATS.withLanes(int.class);
    /** The class of the vectors of bits, as {@link Species#EXACT} is of those of floats. */
    private static final Class<? extends IntVector> INTS = IntVector.zero(INT_SPECIES).getClass();
    /** Eight lane sums a thread: kernels allocate nothing. */
    private static final ThreadLocal<float[]> SUMS = ThreadLocal.withInitial(() -> new float[LANES]);
    /** Accumulators that sums over pixels are taken in. */
    private static final int ACCUMULATORS = 4;
    private static final ThreadLocal<float[]> ROW_SUMS = ThreadLocal.withInitial(() -> new float[ACCUMULATORS * LANES]);

    @Override
    public void apply(float[] z, int zBase, int zChannel, int zPitch, int zStep, float[] y, int yBase, int yChannel, int yPitch, int yStep,
            int channels, int rows, int columns, float[] scale, float[] shift, int coefficients, boolean add, float lower, float upper) {
        boolean oneRow = zPitch == columns * zStep && yPitch == columns * yStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        boolean open = upper == Float.POSITIVE_INFINITY;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                float a = factor(scale, coefficients + c);
                float b = summand(shift, coefficients + c);
                for (int line = 0; line < lines; line++) {
                    int in = zBase + lane + c * zChannel + line * zPitch;
                    int out = yBase + lane + c * yChannel + line * yPitch;
                    if (!open) {
                        affineBetween(z, in, zStep, y, out, yStep, pixels, a, b, add, lower, upper);
                    } else if (add) {
                        affineAdd(z, in, zStep, y, out, yStep, pixels, a, b, lower);
                    } else {
                        affine(z, in, zStep, y, out, yStep, pixels, a, b, lower);
                    }
                }
            }
        }
    }

    private static float factor(float[] scale, int channel) {
        return scale == null ? 1 : scale[channel];
    }

    private static float summand(float[] shift, int channel) {
        return shift == null ? NOTHING : shift[channel];
    }

    private static void affine(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            float floor) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector sum = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            EXACT.cast(sum).blend(floor, EXACT.cast(sum).compare(VectorOperators.LT, floor)).intoArray(y, to);
        }
    }

    private static void affineAdd(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            float floor) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector product = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            FloatVector sum = EXACT.cast(product).add(FloatVector.fromArray(FLOATS, y, to));
            sum.blend(floor, sum.compare(VectorOperators.LT, floor)).intoArray(y, to);
        }
    }

    /** With both bounds; the sum with the old y is made of it and −0 where it is not wanted. */
    private static void affineBetween(float[] z, int in, int zStep, float[] y, int out, int yStep, int pixels, float scale, float shift,
            boolean add, float lower, float upper) {
        FloatVector a = EXACT.cast(FloatVector.broadcast(FLOATS, scale));
        FloatVector b = FloatVector.broadcast(FLOATS, shift);
        FloatVector nothing = FloatVector.broadcast(FLOATS, NOTHING);
        for (int i = 0, from = in, to = out; i < pixels; i++, from += zStep, to += yStep) {
            FloatVector value = FloatVector.fromArray(FLOATS, z, from);
            FloatVector product = FusedMultiply.FUSED ? a.fma(value, b) : a.mul(value).add(b);
            FloatVector sum = EXACT.cast(product).add(add ? FloatVector.fromArray(FLOATS, y, to) : nothing);
            FloatVector raised = EXACT.cast(EXACT.cast(sum).blend(lower, EXACT.cast(sum).compare(VectorOperators.LT, lower)));
            raised.blend(upper, raised.compare(VectorOperators.GT, upper)).intoArray(y, to);
        }
    }

    @Override
    public void copyLanes(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yBase, int yOuter, int yMiddle,
            int yInner, int outer, int middle, int inner, int cleared, float border) {
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int i = 0; i < outer; i++) {
                for (int j = 0; j < middle; j++) {
                    lanes(x, xBase + lane + i * xOuter + j * xMiddle, xInner, y, yBase + lane + i * yOuter + j * yMiddle, yInner, inner,
                            cleared >> lane, border);
                }
            }
        }
    }

    private static void lanes(float[] x, int in, int xStep, float[] y, int out, int yStep, int count, int cleared, float border) {
        VectorMask<Float> outside = VectorMask.fromLong(FLOATS, cleared);
        for (int i = 0, from = in, to = out; i < count; i++, from += xStep, to += yStep) {
            EXACT.cast(FloatVector.fromArray(FLOATS, x, from)).blend(border, outside).intoArray(y, to);
        }
    }

    private static void sum(float[] z, int base, int pixels, float[] sums, int lane) {
        FloatVector a0 = EXACT.cast(FloatVector.zero(FLOATS));
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, z, at));
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, z, at + 8));
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, z, at + 16));
            a3 = EXACT.cast(a3).add(FloatVector.fromArray(FLOATS, z, at + 24));
        }
        if (i < pixels) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, z, at));
        }
        if (i + 1 < pixels) {
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, z, at + 8));
        }
        if (i + 2 < pixels) {
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, z, at + 16));
        }
        EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3)).intoArray(sums, lane);
    }

    @Override
    public void sums(float[] x, int base, int channel, int channels, int pixels, double[] sum, int out) {
        float[] sums = SUMS.get();
        for (int c = 0; c < channels; c++) {
            for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                sum(x, base + c * channel + lane, pixels, sums, lane);
            }
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    @Override
    public void sumsOfRows(float[] x, int base, int channel, int pitch, int channels, int rows, int columns, double[] sum, int out) {
        float[] sums = ROW_SUMS.get();
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < ACCUMULATORS; i++) {
                for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
                    sumRows(x, base + c * channel + lane, pitch, rows, columns, i, sums, i * LANES + lane);
                }
            }
            for (int lane = 0; lane < LANES; lane++) {
                sums[lane] = (sums[lane] + sums[2 * LANES + lane]) + (sums[LANES + lane] + sums[3 * LANES + lane]);
            }
            sum[out + c] = LaneTree.sum(sums, 0);
        }
    }

    /** One accumulator after the other: bound by the latency of additions, for layers of which a network has one. */
    private static void sumRows(float[] x, int base, int pitch, int rows, int columns, int accumulator, float[] sums, int to) {
        FloatVector a = EXACT.cast(FloatVector.zero(FLOATS));
        for (int row = 0; row < rows; row++) {
            for (int column = accumulator - row * columns & ACCUMULATORS - 1; column < columns; column += ACCUMULATORS) {
                a = EXACT.cast(a).add(FloatVector.fromArray(FLOATS, x, base + row * pitch + column * LANES));
            }
        }
        a.intoArray(sums, to);
    }

    @Override
    public void maskInside(float[] v, int vBase, int vChannel, int vPitch, int vStep, float[] du, int duBase, int duChannel, int duPitch,
            int duStep, int channels, int rows, int columns, float lower, float upper) {
        boolean open = upper == Float.POSITIVE_INFINITY;
        boolean oneRow = vPitch == columns * vStep && duPitch == columns * duStep;
        int lines = oneRow ? 1 : rows;
        int pixels = oneRow ? rows * columns : columns;
        for (int lane = 0; lane < LANES; lane += Species.LENGTH) {
            for (int c = 0; c < channels; c++) {
                for (int line = 0; line < lines; line++) {
                    int in = vBase + lane + c * vChannel + line * vPitch;
                    int out = duBase + lane + c * duChannel + line * duPitch;
                    if (open) {
                        maskLine(v, in, vStep, du, out, duStep, pixels, lower);
                    } else {
                        maskLineBetween(v, in, vStep, du, out, duStep, pixels, lower, upper);
                    }
                }
            }
        }
    }

    private static void maskLine(float[] v, int in, int vStep, float[] du, int out, int duStep, int pixels, float lower) {
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = 0, from = in, to = out; i < pixels; i++, from += vStep, to += duStep) {
            FloatVector g = FloatVector.fromArray(FLOATS, du, to);
            zero.blend(g, EXACT.cast(FloatVector.fromArray(FLOATS, v, from)).compare(VectorOperators.GT, lower)).intoArray(du, to);
        }
    }

    private static void maskLineBetween(float[] v, int in, int vStep, float[] du, int out, int duStep, int pixels, float lower,
            float upper) {
        FloatVector zero = EXACT.cast(FloatVector.zero(FLOATS));
        for (int i = 0, from = in, to = out; i < pixels; i++, from += vStep, to += duStep) {
            FloatVector g = FloatVector.fromArray(FLOATS, du, to);
            FloatVector value = EXACT.cast(FloatVector.fromArray(FLOATS, v, from));
            FloatVector above = EXACT.cast(zero.blend(g, value.compare(VectorOperators.GT, lower)));
            zero.blend(above, value.compare(VectorOperators.LT, upper)).intoArray(du, to);
        }
    }

    @Override
    public void add(float[] x, int xBase, float[] y, int yBase, int count) {
        for (int i = 0; i < count; i += Species.LENGTH) {
            FloatVector old = EXACT.cast(FloatVector.fromArray(FLOATS, y, yBase + i));
            old.add(FloatVector.fromArray(FLOATS, x, xBase + i)).intoArray(y, yBase + i);
        }
    }

    @Override
    public int largestMagnitude(float[] x, int from, int count) {
        int whole = count - count % (2 * Species.LENGTH);
        int largest = whole == 0 ? 0 : largestOfWhole(x, from, whole);
        for (int i = from + whole; i < from + count; i++) {
            largest = Math.max(largest, Float.floatToRawIntBits(x[i]) & Integer.MAX_VALUE);
        }
        return largest;
    }

    private static int largestOfWhole(float[] x, int from, int count) {
        IntVector magnitude = INTS.cast(IntVector.broadcast(INT_SPECIES, Integer.MAX_VALUE));
        IntVector even = IntVector.zero(INT_SPECIES);
        IntVector odd = even;
        for (int i = from; i < from + count; i += 2 * Species.LENGTH) {
            even = INTS.cast(even).max(EXACT.cast(FloatVector.fromArray(FLOATS, x, i)).reinterpretAsInts().and(magnitude));
            odd = INTS.cast(odd).max(EXACT.cast(FloatVector.fromArray(FLOATS, x, i + Species.LENGTH)).reinterpretAsInts().and(magnitude));
        }
        return INTS.cast(INTS.cast(even).max(odd)).reduceLanes(VectorOperators.MAX);
    }
}
