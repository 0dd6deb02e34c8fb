package dev.fedtiny.engine.sparse;

import dev.fedtiny.engine.internal.check.Given;

/**
 * Compressed sparse rows.
 *
 * @param rows output channels
 * @param columns C·R·S
 * @param rowPointers rows + 1 ascending positions into {@code columnIndices} and {@code values}
 * @param columnIndices the column of each value, strictly ascending inside a row
 * @param values the active values; the array itself
 */
public record CsrWeights(int rows, int columns, int[] rowPointers, int[] columnIndices, float[] values) implements Weights {
    /** Checks that the arrays are there; {@link #checkStructure} looks into them. */
    public CsrWeights {
        Given.notNull(rowPointers, "weights: rowPointers", "one position a row, and where the last row ends");
        Given.notNull(columnIndices, "weights: columnIndices", "the column of each value");
        Given.notNull(values, "weights: values", "one value an active position");
    }

    static CsrWeights of(int rows, int columns, Mask mask, float[] values) {
        int[] rowPointers = new int[rows + 1];
        int[] columnIndices = new int[mask.count()];
        readMask(mask, columns, rowPointers, columnIndices);
        return new CsrWeights(rows, columns, rowPointers, columnIndices, values);
    }

    /**
     * The structure of a mask, into arrays that are there: a mask is read row by row, and no position is divided.
     *
     * @param mask of rows · columns positions
     * @param columns of the weight matrix
     * @param rowPointers receives rows + 1 positions
     * @param columnIndices receives one column an active position
     * @throws IllegalArgumentException if mask, columns and arrays do not fit each other
     */
    public static void readMask(Mask mask, int columns, int[] rowPointers, int[] columnIndices) {
        Given.notNull(mask, "csr: mask", "the active positions of a weight");
        Given.notNull(rowPointers, "csr: rowPointers", "an array of rows + 1 positions");
        Given.notNull(columnIndices, "csr: columnIndices", "an array of one column an active position");
        if (columns < 1 || (rowPointers.length - 1L) * columns != mask.size() || columnIndices.length < mask.count()) {
            throw new IllegalArgumentException("csr: arrays of " + rowPointers.length + " row pointers and " + columnIndices.length
                    + " column indices for " + mask.count() + " of " + mask.size() + " positions in rows of " + columns
                    + "; expected one pointer a row and one behind, and an index an active position");
        }
        int i = 0;
        for (int row = 0; row + 1 < rowPointers.length; row++) {
            rowPointers[row] = i;
            int begin = row * columns;
            for (; i < mask.count() && mask.index(i) - begin < columns; i++) {
                columnIndices[i] = mask.index(i) - begin;
            }
        }
        rowPointers[rowPointers.length - 1] = i;
    }

    @Override
    public long bytes() {
        return 4L * rowPointers.length + 4L * columnIndices.length + 4L * values.length;
    }

    @Override
    public ConvolutionAlgorithm algorithm() {
        return ConvolutionAlgorithm.CSR;
    }

    @Override
    public Mask mask() {
        int[] active = new int[columnIndices.length];
        for (int row = 0; row < rows; row++) {
            for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                active[i] = row * columns + columnIndices[i];
            }
        }
        return Mask.of(rows * columns, active);
    }

    @Override
    public void checkStructure() {
        Weights.checkExtents(rows, columns);
        if (rowPointers.length != rows + 1 || rowPointers[0] != 0 || rowPointers[rows] != columnIndices.length) {
            throw new IllegalStateException("csr: " + rowPointers.length + " row pointers for " + rows + " rows must run from 0 to "
                    + columnIndices.length);
        }
        for (int row = 0; row < rows; row++) {
            if (rowPointers[row] > rowPointers[row + 1]) {
                throw new IllegalStateException("csr: row " + row + " ends at " + rowPointers[row + 1] + ", before it begins at "
                        + rowPointers[row]);
            }
        }
        for (int row = 0; row < rows; row++) {
            int previous = -1;
            for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                if (columnIndices[i] <= previous || columnIndices[i] >= columns) {
                    throw new IllegalStateException("csr: row " + row + " has column " + columnIndices[i] + " after " + previous
                            + "; columns must rise strictly below " + columns);
                }
                previous = columnIndices[i];
            }
        }
        Weights.checkCount(values, columnIndices.length);
    }
}
