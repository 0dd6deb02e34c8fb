// Generated from engine/src/templates/twins/PoolKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.simd;

import static dev.fedtiny.engine.internal.kernel.simd.Species.EXACT;
import static dev.fedtiny.engine.internal.kernel.simd.Species.FLOATS;
import static dev.fedtiny.engine.internal.kernel.simd.Species.LENGTH;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link PoolKernel}: a lane is an image, so every lane picks its own maximum. */
public final class SimdPoolKernel implements PoolKernel {
    @Override
    public void maxForward(float[] x, int xBase, int channels, PoolWindows windows, float[] y, int yBase) {
        PoolWindows.Axis rows = windows.rows();
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int out = yBase + lane;
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < rows.output(); p++, out += windows.columns().output() * LANES) {
                    maxRow(x, xBase + lane + c * windows.inputFloats(), rows.first(p), rows.end(p), windows.columns(), y, out);
                }
            }
        }
    }

    /** Windows at the edges one by one, and those of 2 × 2 and 3 × 3 that lie on the map without inner loops. */
    private static void maxRow(float[] x, int in, int top, int bottom, PoolWindows.Axis columns, float[] y, int out) {
        int from = columns.firstWhole();
        int to = columns.endWhole();
        maxWindows(x, in, top, bottom, columns, 0, from, y, out);
        int at = in + (top * columns.input() + from * columns.stride() - columns.before()) * LANES;
        if (columns.kernel() == 2 && bottom - top == 2) {
            max2(x, at, columns.input() * LANES, columns.stride() * LANES, y, out + from * LANES, to - from);
        } else if (columns.kernel() == 3 && bottom - top == 3) {
            max3(x, at, columns.input() * LANES, columns.stride() * LANES, y, out + from * LANES, to - from);
        } else {
            maxWindows(x, in, top, bottom, columns, from, to, y, out);
        }
        maxWindows(x, in, top, bottom, columns, to, columns.output(), y, out);
    }

    private static void maxWindows(float[] x, int in, int top, int bottom, PoolWindows.Axis columns, int from, int to, float[] y, int out) {
        for (int q = from; q < to; q++) {
            int left = columns.first(q);
            int right = columns.end(q);
            FloatVector largest = FloatVector.fromArray(FLOATS, x, in + (top * columns.input() + left) * LANES);
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    FloatVector v = FloatVector.fromArray(FLOATS, x, in + (r * columns.input() + s) * LANES);
                    largest = EXACT.cast(largest).blend(v, EXACT.cast(v).compare(VectorOperators.GT,
                            largest).or(EXACT.cast(v).compare(VectorOperators.NE, v)));
                }
            }
            EXACT.cast(largest).intoArray(y, out + q * LANES);
        }
    }

    private static void max2(float[] x, int in, int pitch, int step, float[] y, int out, int count) {
        for (int i = 0, at = in; i < count; i++, at += step) {
            FloatVector largest = FloatVector.fromArray(FLOATS, x, at);
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, at);
            largest = EXACT.cast(largest).blend(v0, EXACT.cast(v0).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v0).compare(VectorOperators.NE, v0)));
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + LANES);
            largest = EXACT.cast(largest).blend(v1, EXACT.cast(v1).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v1).compare(VectorOperators.NE, v1)));
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, at + pitch);
            largest = EXACT.cast(largest).blend(v2, EXACT.cast(v2).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v2).compare(VectorOperators.NE, v2)));
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, at + pitch + LANES);
            largest = EXACT.cast(largest).blend(v3, EXACT.cast(v3).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v3).compare(VectorOperators.NE, v3)));
            EXACT.cast(largest).intoArray(y, out + i * LANES);
        }
    }

    private static void max3(float[] x, int in, int pitch, int step, float[] y, int out, int count) {
        for (int i = 0, at = in; i < count; i++, at += step) {
            FloatVector largest = FloatVector.fromArray(FLOATS, x, at);
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, at);
            largest = EXACT.cast(largest).blend(v0, EXACT.cast(v0).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v0).compare(VectorOperators.NE, v0)));
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + LANES);
            largest = EXACT.cast(largest).blend(v1, EXACT.cast(v1).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v1).compare(VectorOperators.NE, v1)));
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, at + 2 * LANES);
            largest = EXACT.cast(largest).blend(v2, EXACT.cast(v2).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v2).compare(VectorOperators.NE, v2)));
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, at + pitch);
            largest = EXACT.cast(largest).blend(v3, EXACT.cast(v3).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v3).compare(VectorOperators.NE, v3)));
            FloatVector v4 = FloatVector.fromArray(FLOATS, x, at + pitch + LANES);
            largest = EXACT.cast(largest).blend(v4, EXACT.cast(v4).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v4).compare(VectorOperators.NE, v4)));
            FloatVector v5 = FloatVector.fromArray(FLOATS, x, at + pitch + 2 * LANES);
            largest = EXACT.cast(largest).blend(v5, EXACT.cast(v5).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v5).compare(VectorOperators.NE, v5)));
            FloatVector v6 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch);
            largest = EXACT.cast(largest).blend(v6, EXACT.cast(v6).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v6).compare(VectorOperators.NE, v6)));
            FloatVector v7 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch + LANES);
            largest = EXACT.cast(largest).blend(v7, EXACT.cast(v7).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v7).compare(VectorOperators.NE, v7)));
            FloatVector v8 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch + 2 * LANES);
            largest = EXACT.cast(largest).blend(v8, EXACT.cast(v8).compare(VectorOperators.GT,
                    largest).or(EXACT.cast(v8).compare(VectorOperators.NE, v8)));
            EXACT.cast(largest).intoArray(y, out + i * LANES);
        }
    }

    @Override
    public void maxBackward(float[] x, int xBase, int channels, PoolWindows windows, float[] dy, int dyBase, float[] dx, int dxBase) {
        PoolWindows.Axis rows = windows.rows();
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int in = dyBase + lane;
            for (int c = 0; c < channels; c++) {
                int at = lane + c * windows.inputFloats();
                for (int p = 0; p < rows.output(); p++, in += windows.columns().output() * LANES) {
                    maxBackwardRow(x, xBase + at, rows.first(p), rows.end(p), windows.columns(), dy, in, dx, dxBase + at);
                }
            }
        }
    }

    /** As {@link #maxRow}. */
    private static void maxBackwardRow(float[] x, int xAt, int top, int bottom, PoolWindows.Axis columns, float[] dy, int dyAt, float[] dx,
            int dxAt) {
        int from = columns.firstWhole();
        int to = columns.endWhole();
        maxBackwardWindows(x, xAt, top, bottom, columns, 0, from, dy, dyAt, dx, dxAt);
        int at = (top * columns.input() + from * columns.stride() - columns.before()) * LANES;
        if (columns.kernel() == 2 && bottom - top == 2) {
            maxBackward2(x, xAt + at, columns.input() * LANES, columns.stride() * LANES, dy, dyAt + from * LANES, to - from, dx,
                    dxAt + at);
        } else if (columns.kernel() == 3 && bottom - top == 3) {
            maxBackward3(x, xAt + at, columns.input() * LANES, columns.stride() * LANES, dy, dyAt + from * LANES, to - from, dx,
                    dxAt + at);
        } else {
            maxBackwardWindows(x, xAt, top, bottom, columns, from, to, dy, dyAt, dx, dxAt);
        }
        maxBackwardWindows(x, xAt, top, bottom, columns, to, columns.output(), dy, dyAt, dx, dxAt);
    }

    /** Places are counted in a lane's own float: the window's first is 0. */
    private static void maxBackwardWindows(float[] x, int xAt, int top, int bottom, PoolWindows.Axis columns, int from, int to, float[] dy,
            int dyAt, float[] dx, int dxAt) {
        for (int q = from; q < to; q++) {
            int left = columns.first(q);
            int right = columns.end(q);
            FloatVector largest = FloatVector.fromArray(FLOATS, x, xAt + (top * columns.input() + left) * LANES);
            FloatVector place = FloatVector.broadcast(FLOATS, 0f);
            int t = 0;
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++, t++) {
                    FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + (r * columns.input() + s) * LANES);
                    var larger = EXACT.cast(v).compare(VectorOperators.GT, largest).or(EXACT.cast(v).compare(VectorOperators.NE, v));
                    largest = EXACT.cast(largest).blend(v, larger);
                    place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, (float) t), larger);
                }
            }
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + q * LANES);
            t = 0;
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++, t++) {
                    int at = dxAt + (r * columns.input() + s) * LANES;
                    FloatVector.fromArray(FLOATS, dx, at).add(FloatVector.broadcast(FLOATS, 0f).blend(g,
                            EXACT.cast(place).compare(VectorOperators.EQ, FloatVector.broadcast(FLOATS, (float) t)))).intoArray(dx, at);
                }
            }
        }
    }

    private static void maxBackward2(float[] x, int xAt, int pitch, int step, float[] dy, int dyAt, int count, float[] dx, int dxAt) {
        for (int i = 0, at = xAt, to = dxAt; i < count; i++, at += step, to += step) {
            FloatVector largest = FloatVector.fromArray(FLOATS, x, at);
            FloatVector place = FloatVector.broadcast(FLOATS, 0f);
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, at);
            var larger0 = EXACT.cast(v0).compare(VectorOperators.GT, largest).or(EXACT.cast(v0).compare(VectorOperators.NE, v0));
            largest = EXACT.cast(largest).blend(v0, larger0);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 0f), larger0);
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + LANES);
            var larger1 = EXACT.cast(v1).compare(VectorOperators.GT, largest).or(EXACT.cast(v1).compare(VectorOperators.NE, v1));
            largest = EXACT.cast(largest).blend(v1, larger1);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 1f), larger1);
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, at + pitch);
            var larger2 = EXACT.cast(v2).compare(VectorOperators.GT, largest).or(EXACT.cast(v2).compare(VectorOperators.NE, v2));
            largest = EXACT.cast(largest).blend(v2, larger2);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 2f), larger2);
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, at + pitch + LANES);
            var larger3 = EXACT.cast(v3).compare(VectorOperators.GT, largest).or(EXACT.cast(v3).compare(VectorOperators.NE, v3));
            largest = EXACT.cast(largest).blend(v3, larger3);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 3f), larger3);
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES);
            FloatVector g0 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 0f)));
            FloatVector.fromArray(FLOATS, dx, to).add(g0).intoArray(dx, to);
            FloatVector g1 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 1f)));
            FloatVector.fromArray(FLOATS, dx, to + LANES).add(g1).intoArray(dx, to + LANES);
            FloatVector g2 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 2f)));
            FloatVector.fromArray(FLOATS, dx, to + pitch).add(g2).intoArray(dx, to + pitch);
            FloatVector g3 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 3f)));
            FloatVector.fromArray(FLOATS, dx, to + pitch + LANES).add(g3).intoArray(dx, to + pitch + LANES);
        }
    }

    private static void maxBackward3(float[] x, int xAt, int pitch, int step, float[] dy, int dyAt, int count, float[] dx, int dxAt) {
        for (int i = 0, at = xAt, to = dxAt; i < count; i++, at += step, to += step) {
            FloatVector largest = FloatVector.fromArray(FLOATS, x, at);
            FloatVector place = FloatVector.broadcast(FLOATS, 0f);
            FloatVector v0 = FloatVector.fromArray(FLOATS, x, at);
            var larger0 = EXACT.cast(v0).compare(VectorOperators.GT, largest).or(EXACT.cast(v0).compare(VectorOperators.NE, v0));
            largest = EXACT.cast(largest).blend(v0, larger0);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 0f), larger0);
            FloatVector v1 = FloatVector.fromArray(FLOATS, x, at + LANES);
            var larger1 = EXACT.cast(v1).compare(VectorOperators.GT, largest).or(EXACT.cast(v1).compare(VectorOperators.NE, v1));
            largest = EXACT.cast(largest).blend(v1, larger1);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 1f), larger1);
            FloatVector v2 = FloatVector.fromArray(FLOATS, x, at + 2 * LANES);
            var larger2 = EXACT.cast(v2).compare(VectorOperators.GT, largest).or(EXACT.cast(v2).compare(VectorOperators.NE, v2));
            largest = EXACT.cast(largest).blend(v2, larger2);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 2f), larger2);
            FloatVector v3 = FloatVector.fromArray(FLOATS, x, at + pitch);
            var larger3 = EXACT.cast(v3).compare(VectorOperators.GT, largest).or(EXACT.cast(v3).compare(VectorOperators.NE, v3));
            largest = EXACT.cast(largest).blend(v3, larger3);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 3f), larger3);
            FloatVector v4 = FloatVector.fromArray(FLOATS, x, at + pitch + LANES);
            var larger4 = EXACT.cast(v4).compare(VectorOperators.GT, largest).or(EXACT.cast(v4).compare(VectorOperators.NE, v4));
            largest = EXACT.cast(largest).blend(v4, larger4);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 4f), larger4);
            FloatVector v5 = FloatVector.fromArray(FLOATS, x, at + pitch + 2 * LANES);
            var larger5 = EXACT.cast(v5).compare(VectorOperators.GT, largest).or(EXACT.cast(v5).compare(VectorOperators.NE, v5));
            largest = EXACT.cast(largest).blend(v5, larger5);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 5f), larger5);
            FloatVector v6 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch);
            var larger6 = EXACT.cast(v6).compare(VectorOperators.GT, largest).or(EXACT.cast(v6).compare(VectorOperators.NE, v6));
            largest = EXACT.cast(largest).blend(v6, larger6);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 6f), larger6);
            FloatVector v7 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch + LANES);
            var larger7 = EXACT.cast(v7).compare(VectorOperators.GT, largest).or(EXACT.cast(v7).compare(VectorOperators.NE, v7));
            largest = EXACT.cast(largest).blend(v7, larger7);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 7f), larger7);
            FloatVector v8 = FloatVector.fromArray(FLOATS, x, at + 2 * pitch + 2 * LANES);
            var larger8 = EXACT.cast(v8).compare(VectorOperators.GT, largest).or(EXACT.cast(v8).compare(VectorOperators.NE, v8));
            largest = EXACT.cast(largest).blend(v8, larger8);
            place = EXACT.cast(place).blend(FloatVector.broadcast(FLOATS, 8f), larger8);
            FloatVector g = FloatVector.fromArray(FLOATS, dy, dyAt + i * LANES);
            FloatVector g0 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 0f)));
            FloatVector.fromArray(FLOATS, dx, to).add(g0).intoArray(dx, to);
            FloatVector g1 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 1f)));
            FloatVector.fromArray(FLOATS, dx, to + LANES).add(g1).intoArray(dx, to + LANES);
            FloatVector g2 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 2f)));
            FloatVector.fromArray(FLOATS, dx, to + 2 * LANES).add(g2).intoArray(dx, to + 2 * LANES);
            FloatVector g3 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 3f)));
            FloatVector.fromArray(FLOATS, dx, to + pitch).add(g3).intoArray(dx, to + pitch);
            FloatVector g4 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 4f)));
            FloatVector.fromArray(FLOATS, dx, to + pitch + LANES).add(g4).intoArray(dx, to + pitch + LANES);
            FloatVector g5 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 5f)));
            FloatVector.fromArray(FLOATS, dx, to + pitch + 2 * LANES).add(g5).intoArray(dx, to + pitch + 2 * LANES);
            FloatVector g6 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 6f)));
            FloatVector.fromArray(FLOATS, dx, to + 2 * pitch).add(g6).intoArray(dx, to + 2 * pitch);
            FloatVector g7 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 7f)));
            FloatVector.fromArray(FLOATS, dx, to + 2 * pitch + LANES).add(g7).intoArray(dx, to + 2 * pitch + LANES);
            FloatVector g8 = FloatVector.broadcast(FLOATS, 0f).blend(g, EXACT.cast(place).compare(VectorOperators.EQ,
                    FloatVector.broadcast(FLOATS, 8f)));
            FloatVector.fromArray(FLOATS, dx, to + 2 * pitch + 2 * LANES).add(g8).intoArray(dx, to + 2 * pitch + 2 * LANES);
        }
    }

    @Override
    public void meanForward(float[] x, int xBase, int channels, PoolWindows windows, boolean padded, float[] y, int yBase) {
        PoolWindows.Axis rows = windows.rows();
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int out = yBase + lane;
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < rows.output(); p++, out += windows.columns().output() * LANES) {
                    meanRow(x, xBase + lane + c * windows.inputFloats(), rows.first(p), rows.end(p), windows.columns(),
                            padded ? rows.padded(p) : rows.inside(p), padded, y, out);
                }
            }
        }
    }

    private static void meanRow(float[] x, int in, int top, int bottom, PoolWindows.Axis columns, int height, boolean padded, float[] y,
            int out) {
        for (int q = 0; q < columns.output(); q++) {
            int left = columns.first(q);
            int right = columns.end(q);
            FloatVector sum = FloatVector.broadcast(FLOATS, 0f);
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    sum = EXACT.cast(sum).add(FloatVector.fromArray(FLOATS, x, in + (r * columns.input() + s) * LANES));
                }
            }
            EXACT.cast(sum).div(FloatVector.broadcast(FLOATS, (float) (height * (padded ? columns.padded(q) : right - left)))).intoArray(y,
                    out + q * LANES);
        }
    }

    @Override
    public void meanBackward(float[] dy, int dyBase, int channels, PoolWindows windows, boolean padded, float[] dx, int dxBase) {
        PoolWindows.Axis rows = windows.rows();
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            int in = dyBase + lane;
            for (int c = 0; c < channels; c++) {
                for (int p = 0; p < rows.output(); p++, in += windows.columns().output() * LANES) {
                    meanBackwardRow(dy, in, rows.first(p), rows.end(p), windows.columns(), padded ? rows.padded(p) : rows.inside(p),
                            padded, dx, dxBase + lane + c * windows.inputFloats());
                }
            }
        }
    }

    private static void meanBackwardRow(float[] dy, int dyAt, int top, int bottom, PoolWindows.Axis columns, int height, boolean padded,
            float[] dx, int dxAt) {
        for (int q = 0; q < columns.output(); q++) {
            int left = columns.first(q);
            int right = columns.end(q);
            FloatVector share = FloatVector.fromArray(FLOATS, dy, dyAt + q * LANES).div(FloatVector.broadcast(FLOATS,
                    (float) (height * (padded ? columns.padded(q) : right - left))));
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    int at = dxAt + (r * columns.input() + s) * LANES;
                    FloatVector.fromArray(FLOATS, dx, at).add(share).intoArray(dx, at);
                }
            }
        }
    }

    @Override
    public void averageForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int c = 0; c < channels; c++) {
                int to = yBase + lane + c * LANES;
                sum(x, xBase + lane + c * pixels * LANES, pixels, y, to, false);
                FloatVector.fromArray(FLOATS, y, to).div(FloatVector.broadcast(FLOATS, (float) pixels)).intoArray(y, to);
            }
        }
    }

    /** One channel's sum over its pixels: four accumulators, joined (0 + 2) + (1 + 3). A vector that it returned could become an object. */
    private static void sum(float[] x, int base, int pixels, float[] y, int to, boolean add) {
        FloatVector a0 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a1 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a2 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector a3 = FloatVector.broadcast(FLOATS, 0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + LANES));
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 2 * LANES));
            a3 = EXACT.cast(a3).add(FloatVector.fromArray(FLOATS, x, at + 3 * LANES));
        }
        if (i < pixels) {
            a0 = EXACT.cast(a0).add(FloatVector.fromArray(FLOATS, x, at));
        }
        if (i + 1 < pixels) {
            a1 = EXACT.cast(a1).add(FloatVector.fromArray(FLOATS, x, at + LANES));
        }
        if (i + 2 < pixels) {
            a2 = EXACT.cast(a2).add(FloatVector.fromArray(FLOATS, x, at + 2 * LANES));
        }
        FloatVector sum = EXACT.cast(a0).add(a2).add(EXACT.cast(a1).add(a3));
        EXACT.cast(add ? FloatVector.fromArray(FLOATS, y, to).add(sum) : sum).intoArray(y, to);
    }

    @Override
    public void averageBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int c = 0; c < channels; c++) {
                spread(dy, dyBase + lane + c * LANES, pixels, pixels, dx, dxBase + lane + c * pixels * LANES, add);
            }
        }
    }

    /** One channel's vector over all its pixels, divided. */
    private static void spread(float[] dy, int at, float divisor, int pixels, float[] dx, int out, boolean add) {
        FloatVector share = FloatVector.fromArray(FLOATS, dy, at).div(FloatVector.broadcast(FLOATS, divisor));
        for (int i = 0; i < pixels; i++) {
            EXACT.cast(add ? FloatVector.fromArray(FLOATS, dx, out + i * LANES).add(share) : share).intoArray(dx, out + i * LANES);
        }
    }

    @Override
    public void repeatForward(float[] x, int xBase, int channels, int pixels, float[] y, int yBase) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int c = 0; c < channels; c++) {
                spread(x, xBase + lane + c * LANES, 1, pixels, y, yBase + lane + c * pixels * LANES, false);
            }
        }
    }

    @Override
    public void repeatBackward(float[] dy, int dyBase, int channels, int pixels, float[] dx, int dxBase, boolean add) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int c = 0; c < channels; c++) {
                sum(dy, dyBase + lane + c * pixels * LANES, pixels, dx, dxBase + lane + c * LANES, add);
            }
        }
    }

    @Override
    public void enlargeForward(float[] x, int xBase, int rows, int columns, int down, int across, float[] y, int yBase) {
        int pitch = columns * across * LANES;
        for (int row = 0; row < rows; row++) {
            int first = yBase + row * down * pitch;
            for (int lane = 0; lane < LANES; lane += LENGTH) {
                for (int i = 0; i < columns; i++) {
                    spread(x, xBase + lane + (row * columns + i) * LANES, 1, across, y, first + lane + i * across * LANES, false);
                }
            }
            for (int copy = 1; copy < down; copy++) {
                System.arraycopy(y, first, y, first + copy * pitch, pitch);
            }
        }
    }

    @Override
    public void enlargeBackward(float[] dy, int dyBase, int rows, int columns, int down, int across, float[] dx, int dxBase,
            boolean add) {
        for (int lane = 0; lane < LANES; lane += LENGTH) {
            for (int row = 0; row < rows; row++) {
                enlargeBackwardRow(dy, dyBase + lane + row * down * columns * across * LANES, columns, down, across, dx,
                        dxBase + lane + row * columns * LANES, add);
            }
        }
    }

    private static void enlargeBackwardRow(float[] dy, int dyAt, int columns, int down, int across, float[] dx, int dxAt, boolean add) {
        for (int i = 0; i < columns; i++) {
            FloatVector sum = add ? FloatVector.fromArray(FLOATS, dx, dxAt + i * LANES) : FloatVector.broadcast(FLOATS, 0f);
            for (int r = 0; r < down; r++) {
                for (int s = 0; s < across; s++) {
                    sum = EXACT.cast(sum).add(FloatVector.fromArray(FLOATS, dy, dyAt + ((r * columns + i) * across + s) * LANES));
                }
            }
            EXACT.cast(sum).intoArray(dx, dxAt + i * LANES);
        }
    }
}
