package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.List;

/** Names of a figure's colours inside the figure, in as many rows as they need: it says all by itself wherever it is copied to. */
final class Legend {
    private static final double ROW = 17;
    /** Width of what stands around a name. */
    private static final double SWATCH = 34;
    private static final double LONGEST_NAME = 380;

    private final double left;
    private final List<List<Entry>> rows = new ArrayList<>();

    /**
     * A name with its colour.
     *
     * @param style classes of its swatch
     */
    record Entry(String name, String style) {
        private double width() {
            return SWATCH + TextWidth.of(name);
        }
    }

    /** Between two edges. */
    Legend(List<Entry> entries, double left, double right) {
        this.left = left;
        double room = 0;
        for (Entry entry : entries) {
            Entry shown = new Entry(TextWidth.shortened(entry.name(), LONGEST_NAME), entry.style());
            if (room < shown.width()) {
                rows.add(new ArrayList<>());
                room = right - left;
            }
            rows.getLast().add(shown);
            room -= shown.width();
        }
    }

    double height() {
        return rows.size() * ROW;
    }

    void draw(Markup svg, double top) {
        double at = top + 12;
        for (List<Entry> row : rows) {
            double from = left;
            for (Entry entry : row) {
                svg.format("<g class=\"%s\"><path class=\"swatch\" d=\"M%.1f %.1f h18\"/></g><text class=\"name\" x=\"%.1f\" y=\"%.1f\">%s"
                        + "</text>", entry.style(), from, at - 4, from + 23, at, entry.name());
                from += entry.width();
            }
            at += ROW;
        }
    }
}
