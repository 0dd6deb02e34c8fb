package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.MapKernel;
import dev.fedtiny.engine.runtime.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * A grid of vectors that {@link LaneGather} fills alike; positions in floats, within a channel.
 *
 * @param to first vector written
 * @param toStep between vectors of a row; {@code toPitch}: between rows
 * @param from first vector read, at any lane: a shift
 * @param cleared a bit a lane that gets zeros; all eight where nothing is read
 */
record LaneGrid(int to, int toStep, int toPitch, int from, int fromStep, int fromPitch, int columns, int rows, int cleared) {
    private static final MapKernel MAPS = Kernels.current().maps();
    private static final int ALL = 0xFF;

    static LaneGrid vector(int to, int from, int cleared) {
        return new LaneGrid(to, 8, 0, from, 8, 0, 1, 1, cleared);
    }

    private boolean isZero() {
        return cleared == ALL;
    }

    /** Joins single vectors in ascending order to rows, and rows to grids. */
    static List<LaneGrid> joined(List<LaneGrid> vectors) {
        List<LaneGrid> rows = new ArrayList<>();
        for (LaneGrid vector : vectors) {
            LaneGrid last = rows.isEmpty() ? null : rows.getLast();
            if (last != null && last.takes(vector)) {
                rows.set(rows.size() - 1, last.wider(vector));
            } else {
                rows.add(vector);
            }
        }
        List<LaneGrid> grids = new ArrayList<>();
        for (LaneGrid row : rows) {
            int at = 0;
            while (at < grids.size() && !grids.get(at).takesRow(row)) {
                at++;
            }
            if (at < grids.size()) {
                grids.set(at, grids.get(at).taller(row));
            } else {
                grids.add(row);
            }
        }
        return grids;
    }

    private boolean takes(LaneGrid next) {
        if (next.cleared != cleared || next.to != to + 8 * columns) {
            return false;
        }
        return isZero() || (columns == 1 ? next.from > from : next.from == from + columns * fromStep);
    }

    private LaneGrid wider(LaneGrid next) {
        int step = columns == 1 && !isZero() ? next.from - from : fromStep;
        return new LaneGrid(to, 8, 0, from, step, 0, columns + 1, 1, cleared);
    }

    private boolean takesRow(LaneGrid next) {
        if (next.cleared != cleared || next.columns != columns || columns > 1 && next.fromStep != fromStep && !isZero()) {
            return false;
        }
        return rows == 1 || next.to == to + rows * toPitch && (isZero() || next.from == from + rows * fromPitch);
    }

    private LaneGrid taller(LaneGrid next) {
        return rows > 1 ? new LaneGrid(to, toStep, toPitch, from, fromStep, fromPitch, columns, rows + 1, cleared)
                : new LaneGrid(to, toStep, next.to - to, from, fromStep, next.from - from, columns, 2, cleared);
    }

    void fill(float[] x, int xBase, int xChannel, float[] y, int yBase, int yChannel, int channels) {
        if (!isZero()) {
            MAPS.apply(x, xBase + from, xChannel, fromPitch, fromStep, y, yBase + to, yChannel, toPitch, toStep, channels, rows, columns, null,
                    null, 0, false, false);
        }
        if (cleared != 0) {
            clear(y, yBase + to, yChannel, channels);
        }
    }

    private void clear(float[] y, int base, int yChannel, int channels) {
        for (int c = 0; c < channels; c++) {
            for (int row = 0; row < rows; row++) {
                int at = base + c * yChannel + row * toPitch;
                if (isZero()) {
                    clearVectors(y, at, at + columns * toStep);
                } else {
                    clearLanes(y, at, at + columns * toStep);
                }
            }
        }
    }

    private static void clearVectors(float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            y[i] = 0;
        }
    }

    private void clearLanes(float[] y, int from, int to) {
        for (int at = from; at < to; at += 8) {
            for (int lanes = cleared; lanes != 0; lanes &= lanes - 1) {
                y[at + Integer.numberOfTrailingZeros(lanes)] = 0;
            }
        }
    }
}
