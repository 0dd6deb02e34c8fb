package dev.fedtiny.benchmarks.charts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A result file of values with commas between: lines beginning with {@code #} say where the values come from, the first other line names
 * the columns.
 *
 * @param file where it was read
 * @param columns names of the columns
 * @param rows cells, as many a row as there are columns
 */
record CsvTable(Path file, List<String> columns, List<List<String>> rows) {
    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, or a row has another number of cells than the first line has names
     */
    static CsvTable read(Path file) throws IOException {
        List<List<String>> lines = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            List<String> cells = List.of(line.split(",", -1));
            if (!lines.isEmpty() && cells.size() != lines.getFirst().size()) {
                throw new IOException(file + ": '" + line + "' has " + cells.size() + " cells, expected " + lines.getFirst().size());
            }
            lines.add(cells);
        }
        if (lines.size() < 2) {
            throw new IOException(file + ": expected a line of column names and at least one row, found " + lines.size() + " lines");
        }
        return new CsvTable(file, lines.getFirst(), List.copyOf(lines.subList(1, lines.size())));
    }

    /** The cell of a row in the column of a name. */
    String text(List<String> row, String column) {
        int place = columns.indexOf(column);
        if (place < 0) {
            throw new IllegalArgumentException(file + ": no column '" + column + "', there are " + columns);
        }
        return row.get(place).strip();
    }

    /** The same as a number; NaN where the cell is empty. */
    double number(List<String> row, String column) {
        String text = text(row, column);
        try {
            return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(file + ": column '" + column + "' has '" + text + "', expected a number", e);
        }
    }
}
