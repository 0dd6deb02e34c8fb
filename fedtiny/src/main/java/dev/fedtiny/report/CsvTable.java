package dev.fedtiny.report;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Rows of a CSV file in UTF-8 (RFC 4180, lines end with {@code \n}); numbers have a point whatever the locale, unknown ones are empty. */
final class CsvTable {
    private final Writer out;
    private final int columns;

    /** Writes the heading. */
    CsvTable(Writer out, List<String> columns) throws IOException {
        this.out = out;
        this.columns = columns.size();
        row(columns.toArray());
    }

    /** Writes a row of texts and numbers, as many as there are columns. */
    void row(Object... cells) throws IOException {
        if (cells.length != columns) {
            throw new IllegalArgumentException("CSV: " + cells.length + " cells in a row of " + columns + " columns");
        }
        for (int i = 0; i < cells.length; i++) {
            out.write(i == 0 ? "" : ",");
            out.write(cell(cells[i]));
        }
        out.write('\n');
    }

    private static String cell(Object cell) {
        return switch (cell) {
            case Double value -> !Double.isFinite(value) ? "" : value == Math.rint(value) && Math.abs(value) < 1e15
                    ? Long.toString(value.longValue()) : Double.toString(value);
            case Number value -> value.toString();
            default -> quoted(cell.toString());
        };
    }

    private static String quoted(String text) {
        boolean plain = text.chars().noneMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
