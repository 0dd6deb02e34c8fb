package dev.fedtiny.engine.internal.conv;

import dev.fedtiny.engine.internal.kernel.ElementwiseKernel;
import dev.fedtiny.engine.internal.kernel.registry.KernelRegistry;
import dev.fedtiny.engine.tensor.Layout;
import java.util.ArrayList;
import java.util.List;

/**
 * A grid of vectors that {@link LaneGather} fills alike; positions in floats, within a channel.
 *
 * @param to first vector written
 * @param toStep between vectors of a row; {@code toPitch}: between rows
 * @param from first vector read, at any lane: a shift
 * @param cleared a bit a lane that gets the border; all eight where nothing is read
 */
record LaneGrid(int to, int toStep, int toPitch, int from, int fromStep, int fromPitch, int columns, int rows, int cleared) {
    private static final ElementwiseKernel ELEMENTWISE = KernelRegistry.current().elementwise();
    private static final int ALL = 0xFF;
    /** Vectors beside each other that outweigh the start of a loop. */
    private static final int LONG_LINE = 8;
    private static final float[] NOTHING = new float[Layout.LANES];

    static LaneGrid vector(int to, int from, int cleared) {
        return new LaneGrid(to, Layout.LANES, 0, from, Layout.LANES, 0, 1, 1, cleared);
    }

    private boolean isBorder() {
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
        grids.replaceAll(LaneGrid::unrolled);
        return grids;
    }

    /** Rows that lie end to end where they are read and where they are written are one row. */
    private LaneGrid unrolled() {
        boolean oneRow = toPitch == columns * Layout.LANES && (isBorder() || fromPitch == columns * fromStep && fromStep == Layout.LANES);
        return rows > 1 && oneRow ? new LaneGrid(to, toStep, 0, from, fromStep, 0, columns * rows, 1, cleared) : this;
    }

    private boolean takes(LaneGrid next) {
        if (next.cleared != cleared || next.to != to + Layout.LANES * columns) {
            return false;
        }
        return isBorder() || (columns == 1 ? next.from > from : next.from == from + columns * fromStep);
    }

    private LaneGrid wider(LaneGrid next) {
        int step = columns == 1 && !isBorder() ? next.from - from : fromStep;
        return new LaneGrid(to, Layout.LANES, 0, from, step, 0, columns + 1, 1, cleared);
    }

    private boolean takesRow(LaneGrid next) {
        if (next.cleared != cleared || next.columns != columns || columns > 1 && next.fromStep != fromStep && !isBorder()) {
            return false;
        }
        return rows == 1 || next.to == to + rows * toPitch && (isBorder() || next.from == from + rows * fromPitch);
    }

    private LaneGrid taller(LaneGrid next) {
        return rows > 1 ? new LaneGrid(to, toStep, toPitch, from, fromStep, fromPitch, columns, rows + 1, cleared)
                : new LaneGrid(to, toStep, next.to - to, from, fromStep, next.from - from, columns, 2, cleared);
    }

    /** Channels, rows and columns are alike here: columns are walked innermost where they make a line long enough, else what is longest. */
    void fill(float[] x, int xBase, int xChannel, float[] y, int yBase, int yChannel, int channels, float border) {
        if (columns >= LONG_LINE || columns >= channels && columns >= rows) {
            fill(x, xBase, xChannel, fromPitch, fromStep, y, yBase + to, yChannel, toPitch, toStep, channels, rows, columns, border);
        } else if (channels >= rows) {
            fill(x, xBase, fromPitch, fromStep, xChannel, y, yBase + to, toPitch, toStep, yChannel, rows, columns, channels, border);
        } else {
            fill(x, xBase, xChannel, fromStep, fromPitch, y, yBase + to, yChannel, toStep, toPitch, channels, columns, rows, border);
        }
    }

    private void fill(float[] x, int xBase, int xOuter, int xMiddle, int xInner, float[] y, int yAt, int yOuter, int yMiddle, int yInner,
            int outer, int middle, int inner, float border) {
        if (isBorder()) {
            ELEMENTWISE.copyLanes(NOTHING, 0, 0, 0, 0, y, yAt, yOuter, yMiddle, yInner, outer, middle, inner, ALL, border);
        } else {
            ELEMENTWISE.copyLanes(x, xBase + from, xOuter, xMiddle, xInner, y, yAt, yOuter, yMiddle, yInner, outer, middle, inner, cleared,
                    border);
        }
    }
}
