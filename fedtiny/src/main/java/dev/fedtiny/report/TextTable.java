package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.List;

/** A table for a terminal: columns as wide as they need to be, the first to the left, the others to the right. */
public final class TextTable {
    private final List<String[]> rows = new ArrayList<>();

    /**
     * A table with its heading.
     *
     * @param heading one cell a column
     */
    public TextTable(String... heading) {
        rows.add(heading);
    }

    /**
     * Adds a row; as many cells as the heading has.
     *
     * @param cells as they are printed
     * @return this
     */
    public TextTable row(String... cells) {
        if (cells.length != rows.getFirst().length) {
            throw new IllegalArgumentException("table: " + cells.length + " cells in a row, the heading has " + rows.getFirst().length);
        }
        rows.add(cells);
        return this;
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String padding = " ".repeat(widths[i] - row[i].length());
                line.append(i == 0 ? row[i] + padding : "  " + padding + row[i]);
            }
            text.append(line.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }
}
