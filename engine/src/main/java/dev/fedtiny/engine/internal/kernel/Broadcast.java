package dev.fedtiny.engine.internal.kernel;

import dev.fedtiny.engine.tensor.Layout;

/**
 * How a smaller map lies over a larger one: from a channel, row or column of the larger to the next the smaller moves on by a stride, which
 * is 0 along axes where it has one value for all.
 *
 * @param channels of the larger map; {@code rows} and {@code columns} likewise
 * @param channelStride floats; {@code rowStride} and {@code columnStride} likewise
 */
public record Broadcast(int channels, int rows, int columns, int channelStride, int rowStride, int columnStride) {
    /** Of a contiguous map whose extents are those of the larger or 1. */
    public static Broadcast of(int channels, int rows, int columns, int smallChannels, int smallRows, int smallColumns) {
        return new Broadcast(channels, rows, columns, smallChannels == 1 ? 0 : smallRows * smallColumns * Layout.LANES,
                smallRows == 1 ? 0 : smallColumns * Layout.LANES, smallColumns == 1 ? 0 : Layout.LANES);
    }

    /** The same with all rows as one where the smaller map, too, goes on from row to row, or stands still. */
    public Broadcast flattened() {
        return rowStride == columns * columnStride ? new Broadcast(channels, 1, rows * columns, channelStride, 0, columnStride) : this;
    }
}
