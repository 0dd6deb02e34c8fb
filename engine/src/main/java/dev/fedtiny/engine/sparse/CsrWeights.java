package dev.fedtiny.engine.sparse;

/**
 * Compressed sparse rows.
 *
 * @param rows output channels
 * @param columns C·R·S
 * @param rowPointers rows + 1 ascending positions into {@code columnIndices} and {@code values}
 * @param columnIndices the column of each value, strictly ascending inside a row
 * @param values the kept values; the array itself
 */
public record CsrWeights(int rows, int columns, int[] rowPointers, int[] columnIndices, float[] values) implements Weights {
    static CsrWeights of(int rows, int columns, Mask mask, float[] values) {
        int[] rowPointers = new int[rows + 1];
        int[] columnIndices = new int[mask.count()];
        for (int i = 0; i < columnIndices.length; i++) {
            int index = mask.index(i);
            int row = index / columns;
            rowPointers[row + 1] = i + 1;
            columnIndices[i] = index - row * columns;
        }
        for (int row = 0; row < rows; row++) {
            rowPointers[row + 1] = Math.max(rowPointers[row], rowPointers[row + 1]);
        }
        return new CsrWeights(rows, columns, rowPointers, columnIndices, values);
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
        int[] kept = new int[columnIndices.length];
        for (int row = 0; row < rows; row++) {
            for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                kept[i] = row * columns + columnIndices[i];
            }
        }
        return Mask.of(rows * columns, kept);
    }

    @Override
    public void check() {
        if (rowPointers.length != rows + 1 || rowPointers[0] != 0 || rowPointers[rows] != columnIndices.length) {
            throw new IllegalStateException("csr: " + rowPointers.length + " row pointers for " + rows + " rows must run from 0 to "
                    + columnIndices.length);
        }
        for (int row = 0; row < rows; row++) {
            if (rowPointers[row] > rowPointers[row + 1]) {
                throw new IllegalStateException("csr: row " + row + " ends at " + rowPointers[row + 1] + ", before it begins at "
                        + rowPointers[row]);
            }
            int previous = -1;
            for (int i = rowPointers[row]; i < rowPointers[row + 1]; i++) {
                if (columnIndices[i] <= previous || columnIndices[i] >= columns) {
                    throw new IllegalStateException("csr: row " + row + " has column " + columnIndices[i] + " after " + previous
                            + "; columns must rise strictly below " + columns);
                }
                previous = columnIndices[i];
            }
        }
        Weights.checkValues(values, columnIndices.length);
    }
}
