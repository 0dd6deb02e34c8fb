package dev.fedtiny.engine.nn;

import dev.fedtiny.engine.internal.conv.Placement;
import dev.fedtiny.engine.internal.kernel.MapKernel;
import dev.fedtiny.engine.runtime.Kernels;

/**
 * Computes values into scratch. A value is a chain of maps: a link after the other is added, a few rows at a time, so that what one link
 * leaves is still in the first-level cache when the next comes, and each map is read once from end to end.
 */
final class Evaluation {
    private static final MapKernel MAPS = Kernels.current().maps();
    /** Floats of the rows that the links of a chain go over one after the other: 8 KB. */
    private static final int BLOCK_FLOATS = 2048;
    /** Floats of channels that halo and rows are put down for together: 16 KB. */
    private static final int CHUNK_FLOATS = 4096;

    private Evaluation() {
    }

    /** Channels that fit a first-level cache. */
    static int chunk(int channelFloats) {
        return Math.max(1, CHUNK_FLOATS / channelFloats);
    }

    /** Computes channels {@code [from, to)} of a value for one group, halo included. */
    static void evaluate(Value value, int group, float[] scratch, int base, Placement placement, int from, int to) {
        evaluate(value, group, scratch, base, placement, from, to, to);
    }

    /** Computes channels {@code [from, to)} of a value for one group, halo included; the places of the channels up to {@code free} are free. */
    static void evaluate(Value value, int group, float[] scratch, int base, Placement placement, int from, int to, int free) {
        int chunk = chunk(placement.splits() ? value.map.tile.pixels() * 8 : placement.channel());
        for (int c = from; c < to; c += chunk) {
            int end = Math.min(to, c + chunk);
            placement.clearHalo(scratch, base, c, end);
            if (placement.splits() && base + end * placement.channel() + splitFloats(placement, end - c) <= base + free * placement.channel()) {
                split(value, group, scratch, base, placement, c, end);
            } else {
                for (Placement.Part part : placement.parts()) {
                    rows(value, group, part, scratch, base + c * placement.channel() + part.place(), placement.channel(), c, end, 0,
                            part.rows());
                }
            }
        }
    }

    /**
     * Computes rows {@code [first, last)} of the zero-padded planes of channels {@code [from, to)}, and puts them down as rows from
     * {@code at} on. Only where the placement does not split.
     */
    static void band(Value value, int group, float[] scratch, int base, Placement placement, int from, int to, int first, int last, int at) {
        Placement.Part part = placement.parts()[0];
        int top = part.top();
        int begin = Math.clamp(first - top, 0, part.rows());
        int end = Math.clamp(last - top, 0, part.rows());
        int chunk = chunk((last - first) * part.pitch());
        for (int c = from; c < to; c += chunk) {
            int next = Math.min(to, c + chunk);
            placement.clearHaloRows(scratch, base, c, next, first, last, at);
            rows(value, group, part, scratch, base + c * placement.channel() + part.place() + (at - first) * part.pitch(),
                    placement.channel(), c, next, begin, end);
        }
    }

    /** Lines computed together where they are to be split. */
    private static int splitLines(Placement placement, int channels) {
        int cycle = placement.lineCycle();
        return Math.max(1, CHUNK_FLOATS / (placement.lines().pitch() * channels * cycle)) * cycle;
    }

    private static int splitFloats(Placement placement, int channels) {
        return splitLines(placement, channels) * placement.lines().pitch() * channels;
    }

    /**
     * Computes complete image rows into spare scratch behind the channels and splits them there: rows read from end to end come out of
     * memory several times faster than every second pixel of every second row.
     */
    private static void split(Value value, int group, float[] scratch, int base, Placement placement, int from, int to) {
        Placement.Part lines = placement.lines();
        int block = splitLines(placement, to - from);
        int spare = base + to * placement.channel();
        int channel = block * lines.pitch();
        for (int first = 0; first < lines.rows(); first += block) {
            int last = Math.min(lines.rows(), first + block);
            write(value, group, lines, scratch, spare - first * lines.pitch(), channel, from, to, first, last);
            for (Placement.Part part : placement.parts()) {
                // The part's row r is line offset + cycle·r.
                int cycle = placement.lineCycle();
                int offset = placement.lineOffset(part);
                int begin = first / cycle;
                int end = Math.min(part.rows(), Math.ceilDiv(last - offset, cycle));
                if (begin < end) {
                    MAPS.apply(scratch, spare + (offset + begin * cycle - first) * lines.pitch() + placement.lineColumn(part), channel,
                            cycle * lines.pitch(), part.sourceStep(), scratch, base + from * placement.channel() + part.place()
                            + begin * part.pitch(), placement.channel(), part.pitch(), part.step(), to - from, end - begin, part.columns(),
                            null, null, 0, false, false);
                }
            }
        }
    }

    /** Rows {@code [first, last)} of a grid whose first row lies at {@code place}, a few at a time where links are many. */
    private static void rows(Value value, int group, Placement.Part part, float[] scratch, int place, int channel, int from, int to,
            int first, int last) {
        int block = value.prefix == null ? Math.max(1, last - first)
                : Math.max(1, BLOCK_FLOATS / Math.max(8, part.columns() * 8 * (to - from)));
        for (int row = first; row < last; row += block) {
            write(value, group, part, scratch, place, channel, from, to, row, Math.min(last, row + block));
        }
    }

    private static void write(Value value, int group, Placement.Part part, float[] scratch, int place, int channel, int from, int to,
            int first, int last) {
        if (value.prefix != null) {
            write(value.prefix, group, part, scratch, place, channel, from, to, first, last);
        }
        StoredMap map = value.map;
        if (map.half == null) {
            apply(value, map.data, map.at(group, from), part, scratch, place, channel, from, to, first, last);
            return;
        }
        int begin = part.source() + first * part.sourcePitch();
        int floats = (last - 1 - first) * part.sourcePitch() + part.columns() * part.sourceStep();
        for (int c = from; c < to; c++) {
            int at = map.half.widen(group, c, begin, Math.min(floats, map.tile.pixels() * 8 - begin));
            apply(value, map.half.widened(), at, part, scratch, place + (c - from) * channel, channel, c, c + 1, first, last);
        }
    }

    /** Adds a map, whose first wanted channel lies at {@code at}, to its place in a value. */
    private static void apply(Value value, float[] data, int at, Placement.Part part, float[] scratch, int place, int channel, int from,
            int to, int first, int last) {
        Normalization norm = value.norm;
        MAPS.apply(data, at + part.source() + first * part.sourcePitch(), value.map.tile.pixels() * 8, part.sourcePitch(),
                part.sourceStep(), scratch, place + first * part.pitch(), channel, part.pitch(), part.step(), to - from, last - first,
                part.columns(), norm == null ? null : norm.scale, norm == null ? null : norm.shift, from, value.prefix != null, value.relu);
    }
}
