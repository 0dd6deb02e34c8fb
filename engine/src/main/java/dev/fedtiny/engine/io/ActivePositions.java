package dev.fedtiny.engine.io;

import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.sparse.Mask;
import java.io.IOException;
import java.util.List;

/** The active positions of one weight in the sparse form of a {@link ModelFile}: a bitmask, or row pointers and column indices. */
final class ActivePositions {
    static final String BITMASK = ".bitmask";
    static final String ROW_POINTERS = ".row_pointers";
    static final String COLUMN_INDICES = ".column_indices";

    private static final int UNSIGNED_SHORTS = 1 << 16;

    private ActivePositions() {
    }

    /** Adds the positions to a file, in the form that takes fewer bytes. */
    static void write(SafetensorsWriter writer, Parameter parameter, Mask mask) {
        int rows = parameter.rows();
        int columns = parameter.columns();
        long indexBytes = columns <= UNSIGNED_SHORTS ? DataType.U16.bytes() : DataType.I32.bytes();
        long compressedRowBytes = DataType.I32.bytes() * (rows + 1L) + indexBytes * mask.count();
        if (Math.ceilDiv(mask.size(), 8) <= compressedRowBytes) {
            byte[] bits = new byte[Math.ceilDiv(mask.size(), 8)];
            for (int i = 0; i < mask.count(); i++) {
                bits[mask.index(i) / 8] |= (byte) (1 << mask.index(i) % 8);
            }
            writer.bytes(parameter.name() + BITMASK, List.of(bits.length), bits);
            return;
        }
        int[] rowPointers = new int[rows + 1];
        int[] columnIndices = new int[mask.count()];
        for (int i = 0; i < columnIndices.length; i++) {
            rowPointers[mask.index(i) / columns + 1]++;
            columnIndices[i] = mask.index(i) % columns;
        }
        for (int row = 0; row < rows; row++) {
            rowPointers[row + 1] += rowPointers[row];
        }
        writer.ints(parameter.name() + ROW_POINTERS, List.of(rowPointers.length), rowPointers);
        if (columns <= UNSIGNED_SHORTS) {
            writer.unsignedShorts(parameter.name() + COLUMN_INDICES, List.of(columnIndices.length), columnIndices);
        } else {
            writer.ints(parameter.name() + COLUMN_INDICES, List.of(columnIndices.length), columnIndices);
        }
    }

    /** Reads a bitmask of which {@code count} bits must be set. */
    static Mask readBitmask(SafetensorsFile file, TensorEntry entry, Parameter parameter, int count) throws IOException {
        byte[] bits = file.readBytes(entry.name());
        int size = parameter.size();
        int set = 0;
        for (byte b : bits) {
            set += Integer.bitCount(b & 0xFF);
        }
        if (set != count) {
            throw new SafetensorsException(file.name(), entry.begin(), "'" + entry.name() + "' keeps " + set + " positions, but there are "
                    + count + " values");
        }
        int unused = bits.length * 8 - size;
        if ((bits[bits.length - 1] & 0xFF) >>> 8 - unused != 0) {
            throw new SafetensorsException(file.name(), entry.end() - 1, "'" + entry.name() + "' sets bits beyond the " + size
                    + " positions of '" + parameter.name() + "'");
        }
        int[] active = new int[count];
        int to = 0;
        for (int i = 0; i < bits.length; i++) {
            for (int rest = bits[i] & 0xFF; rest != 0; rest &= rest - 1) {
                active[to++] = i * 8 + Integer.numberOfTrailingZeros(rest);
            }
        }
        return Mask.of(size, active);
    }

    /** Reads row pointers and as many column indices as they say. */
    static Mask readRows(SafetensorsFile file, TensorEntry pointerEntry, TensorEntry columnEntry, Parameter parameter) throws IOException {
        int[] rowPointers = file.readInts(pointerEntry.name());
        int[] active = file.readInts(columnEntry.name());
        int columns = parameter.columns();
        int previous = 0;
        for (int row = 0; row < rowPointers.length; row++) {
            int pointer = rowPointers[row];
            boolean good = row == 0 ? pointer == 0 : pointer >= previous && pointer <= active.length;
            if (!good || row == rowPointers.length - 1 && pointer != active.length) {
                throw new SafetensorsException(file.name(), pointerEntry.begin() + (long) row * pointerEntry.dataType().bytes(), "'"
                        + pointerEntry.name() + "' has " + pointer + " at place " + row + "; expected numbers that rise from 0 to "
                        + active.length);
            }
            for (int i = previous; i < pointer; i++) {
                int column = active[i];
                int before = i > previous ? active[i - 1] - (row - 1) * columns : -1;
                if (column <= before || column >= columns) {
                    throw new SafetensorsException(file.name(), columnEntry.begin() + (long) i * columnEntry.dataType().bytes(), "'"
                            + columnEntry.name() + "' has " + column + " after " + before + " in row " + (row - 1)
                            + "; columns must rise strictly and lie in [0, " + columns + ")");
                }
                active[i] = (row - 1) * columns + column;
            }
            previous = pointer;
        }
        return Mask.of(parameter.size(), active);
    }
}
