// Generated from engine/src/templates/twins/PoolKernel.java.in by KernelTemplates: change that file.
package dev.fedtiny.engine.internal.kernel.scalar;

import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.LENGTH;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.add;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.all;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.div;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.load;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.replaces;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.same;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.select;
import static dev.fedtiny.engine.internal.kernel.scalar.LaneMath.store;
import static dev.fedtiny.engine.tensor.Layout.LANES;

import dev.fedtiny.engine.internal.kernel.PoolKernel;
import dev.fedtiny.engine.internal.kernel.PoolWindows;

/** {@link PoolKernel}: a lane is an image, so every lane picks its own maximum. */
public final class ScalarPoolKernel implements PoolKernel {
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
            float largest = load(x, in + (top * columns.input() + left) * LANES);
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    float v = load(x, in + (r * columns.input() + s) * LANES);
                    largest = select(replaces(v, largest), v, largest);
                }
            }
            store(largest, y, out + q * LANES);
        }
    }

    private static void max2(float[] x, int in, int pitch, int step, float[] y, int out, int count) {
        for (int i = 0, at = in; i < count; i++, at += step) {
            float largest = load(x, at);
            float v0 = load(x, at);
            largest = select(replaces(v0, largest), v0, largest);
            float v1 = load(x, at + LANES);
            largest = select(replaces(v1, largest), v1, largest);
            float v2 = load(x, at + pitch);
            largest = select(replaces(v2, largest), v2, largest);
            float v3 = load(x, at + pitch + LANES);
            largest = select(replaces(v3, largest), v3, largest);
            store(largest, y, out + i * LANES);
        }
    }

    private static void max3(float[] x, int in, int pitch, int step, float[] y, int out, int count) {
        for (int i = 0, at = in; i < count; i++, at += step) {
            float largest = load(x, at);
            float v0 = load(x, at);
            largest = select(replaces(v0, largest), v0, largest);
            float v1 = load(x, at + LANES);
            largest = select(replaces(v1, largest), v1, largest);
            float v2 = load(x, at + 2 * LANES);
            largest = select(replaces(v2, largest), v2, largest);
            float v3 = load(x, at + pitch);
            largest = select(replaces(v3, largest), v3, largest);
            float v4 = load(x, at + pitch + LANES);
            largest = select(replaces(v4, largest), v4, largest);
            float v5 = load(x, at + pitch + 2 * LANES);
            largest = select(replaces(v5, largest), v5, largest);
            float v6 = load(x, at + 2 * pitch);
            largest = select(replaces(v6, largest), v6, largest);
            float v7 = load(x, at + 2 * pitch + LANES);
            largest = select(replaces(v7, largest), v7, largest);
            float v8 = load(x, at + 2 * pitch + 2 * LANES);
            largest = select(replaces(v8, largest), v8, largest);
            store(largest, y, out + i * LANES);
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
            float largest = load(x, xAt + (top * columns.input() + left) * LANES);
            float place = all(0f);
            int t = 0;
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++, t++) {
                    float v = load(x, xAt + (r * columns.input() + s) * LANES);
                    var larger = replaces(v, largest);
                    largest = select(larger, v, largest);
                    place = select(larger, all((float) t), place);
                }
            }
            float g = load(dy, dyAt + q * LANES);
            t = 0;
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++, t++) {
                    int at = dxAt + (r * columns.input() + s) * LANES;
                    store(add(load(dx, at), select(same(place, all((float) t)), g, all(0f))), dx, at);
                }
            }
        }
    }

    private static void maxBackward2(float[] x, int xAt, int pitch, int step, float[] dy, int dyAt, int count, float[] dx, int dxAt) {
        for (int i = 0, at = xAt, to = dxAt; i < count; i++, at += step, to += step) {
            float largest = load(x, at);
            float place = all(0f);
            float v0 = load(x, at);
            var larger0 = replaces(v0, largest);
            largest = select(larger0, v0, largest);
            place = select(larger0, all(0f), place);
            float v1 = load(x, at + LANES);
            var larger1 = replaces(v1, largest);
            largest = select(larger1, v1, largest);
            place = select(larger1, all(1f), place);
            float v2 = load(x, at + pitch);
            var larger2 = replaces(v2, largest);
            largest = select(larger2, v2, largest);
            place = select(larger2, all(2f), place);
            float v3 = load(x, at + pitch + LANES);
            var larger3 = replaces(v3, largest);
            largest = select(larger3, v3, largest);
            place = select(larger3, all(3f), place);
            float g = load(dy, dyAt + i * LANES);
            float g0 = select(same(place, all(0f)), g, all(0f));
            store(add(load(dx, to), g0), dx, to);
            float g1 = select(same(place, all(1f)), g, all(0f));
            store(add(load(dx, to + LANES), g1), dx, to + LANES);
            float g2 = select(same(place, all(2f)), g, all(0f));
            store(add(load(dx, to + pitch), g2), dx, to + pitch);
            float g3 = select(same(place, all(3f)), g, all(0f));
            store(add(load(dx, to + pitch + LANES), g3), dx, to + pitch + LANES);
        }
    }

    private static void maxBackward3(float[] x, int xAt, int pitch, int step, float[] dy, int dyAt, int count, float[] dx, int dxAt) {
        for (int i = 0, at = xAt, to = dxAt; i < count; i++, at += step, to += step) {
            float largest = load(x, at);
            float place = all(0f);
            float v0 = load(x, at);
            var larger0 = replaces(v0, largest);
            largest = select(larger0, v0, largest);
            place = select(larger0, all(0f), place);
            float v1 = load(x, at + LANES);
            var larger1 = replaces(v1, largest);
            largest = select(larger1, v1, largest);
            place = select(larger1, all(1f), place);
            float v2 = load(x, at + 2 * LANES);
            var larger2 = replaces(v2, largest);
            largest = select(larger2, v2, largest);
            place = select(larger2, all(2f), place);
            float v3 = load(x, at + pitch);
            var larger3 = replaces(v3, largest);
            largest = select(larger3, v3, largest);
            place = select(larger3, all(3f), place);
            float v4 = load(x, at + pitch + LANES);
            var larger4 = replaces(v4, largest);
            largest = select(larger4, v4, largest);
            place = select(larger4, all(4f), place);
            float v5 = load(x, at + pitch + 2 * LANES);
            var larger5 = replaces(v5, largest);
            largest = select(larger5, v5, largest);
            place = select(larger5, all(5f), place);
            float v6 = load(x, at + 2 * pitch);
            var larger6 = replaces(v6, largest);
            largest = select(larger6, v6, largest);
            place = select(larger6, all(6f), place);
            float v7 = load(x, at + 2 * pitch + LANES);
            var larger7 = replaces(v7, largest);
            largest = select(larger7, v7, largest);
            place = select(larger7, all(7f), place);
            float v8 = load(x, at + 2 * pitch + 2 * LANES);
            var larger8 = replaces(v8, largest);
            largest = select(larger8, v8, largest);
            place = select(larger8, all(8f), place);
            float g = load(dy, dyAt + i * LANES);
            float g0 = select(same(place, all(0f)), g, all(0f));
            store(add(load(dx, to), g0), dx, to);
            float g1 = select(same(place, all(1f)), g, all(0f));
            store(add(load(dx, to + LANES), g1), dx, to + LANES);
            float g2 = select(same(place, all(2f)), g, all(0f));
            store(add(load(dx, to + 2 * LANES), g2), dx, to + 2 * LANES);
            float g3 = select(same(place, all(3f)), g, all(0f));
            store(add(load(dx, to + pitch), g3), dx, to + pitch);
            float g4 = select(same(place, all(4f)), g, all(0f));
            store(add(load(dx, to + pitch + LANES), g4), dx, to + pitch + LANES);
            float g5 = select(same(place, all(5f)), g, all(0f));
            store(add(load(dx, to + pitch + 2 * LANES), g5), dx, to + pitch + 2 * LANES);
            float g6 = select(same(place, all(6f)), g, all(0f));
            store(add(load(dx, to + 2 * pitch), g6), dx, to + 2 * pitch);
            float g7 = select(same(place, all(7f)), g, all(0f));
            store(add(load(dx, to + 2 * pitch + LANES), g7), dx, to + 2 * pitch + LANES);
            float g8 = select(same(place, all(8f)), g, all(0f));
            store(add(load(dx, to + 2 * pitch + 2 * LANES), g8), dx, to + 2 * pitch + 2 * LANES);
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
            float sum = all(0f);
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    sum = add(sum, load(x, in + (r * columns.input() + s) * LANES));
                }
            }
            store(div(sum, all((float) (height * (padded ? columns.padded(q) : right - left)))), y, out + q * LANES);
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
            float share = div(load(dy, dyAt + q * LANES), all((float) (height * (padded ? columns.padded(q) : right - left))));
            for (int r = top; r < bottom; r++) {
                for (int s = left; s < right; s++) {
                    int at = dxAt + (r * columns.input() + s) * LANES;
                    store(add(load(dx, at), share), dx, at);
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
                store(div(load(y, to), all((float) pixels)), y, to);
            }
        }
    }

    /** One channel's sum over its pixels: four accumulators, joined (0 + 2) + (1 + 3). A vector that it returned could become an object. */
    private static void sum(float[] x, int base, int pixels, float[] y, int to, boolean add) {
        float a0 = all(0f);
        float a1 = all(0f);
        float a2 = all(0f);
        float a3 = all(0f);
        int i = 0;
        int at = base;
        for (; i + 4 <= pixels; i += 4, at += 32) {
            a0 = add(a0, load(x, at));
            a1 = add(a1, load(x, at + LANES));
            a2 = add(a2, load(x, at + 2 * LANES));
            a3 = add(a3, load(x, at + 3 * LANES));
        }
        if (i < pixels) {
            a0 = add(a0, load(x, at));
        }
        if (i + 1 < pixels) {
            a1 = add(a1, load(x, at + LANES));
        }
        if (i + 2 < pixels) {
            a2 = add(a2, load(x, at + 2 * LANES));
        }
        float sum = add(add(a0, a2), add(a1, a3));
        store(add ? add(load(y, to), sum) : sum, y, to);
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
        float share = div(load(dy, at), all(divisor));
        for (int i = 0; i < pixels; i++) {
            store(add ? add(load(dx, out + i * LANES), share) : share, dx, out + i * LANES);
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
            float sum = add ? load(dx, dxAt + i * LANES) : all(0f);
            for (int r = 0; r < down; r++) {
                for (int s = 0; s < across; s++) {
                    sum = add(sum, load(dy, dyAt + ((r * columns + i) * across + s) * LANES));
                }
            }
            store(sum, dx, dxAt + i * LANES);
        }
    }
}
