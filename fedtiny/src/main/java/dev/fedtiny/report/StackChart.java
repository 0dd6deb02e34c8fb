package dev.fedtiny.report;

import java.util.List;

/** Horizontal bars made of parts on a common scale: what memory is held for, phase by phase. */
final class StackChart {
    private static final double WIDTH = 460;
    private static final double ROW = 30;
    private static final double LEFT = 84;
    private static final double RIGHT = 70;

    /**
     * A part of a bar.
     *
     * @param name of the tooltip
     * @param color place in the palette
     */
    record Part(String name, int color, double value, String label) {
    }

    /**
     * One row.
     *
     * @param name at its left
     * @param parts from the left
     * @param label at its right
     */
    record Row(String name, List<Part> parts, String label) {
        private double sum() {
            return parts.stream().mapToDouble(Part::value).sum();
        }
    }

    private StackChart() {
    }

    /** Draws the rows from the top. */
    static String draw(String description, List<Row> rows) {
        double scale = (WIDTH - LEFT - RIGHT) / Math.max(Double.MIN_NORMAL, rows.stream().mapToDouble(Row::sum).max().orElse(1));
        Markup svg = new Markup();
        Legend legend = new Legend(rows.stream().flatMap(row -> row.parts().stream()).map(part -> new Legend.Entry(part.name(),
                "c" + part.color() % Palette.COLORS)).distinct().toList(), LEFT, WIDTH);
        double height = rows.size() * ROW + 4;
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, height + legend.height(), description);
        legend.draw(svg, height);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            double top = 2 + i * ROW;
            svg.format("<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 7, top + ROW / 2 + 4, row.name());
            double at = LEFT;
            for (Part part : row.parts()) {
                svg.format("<g class=\"c%d\"><title>%s, %s: %s</title><rect class=\"cell\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" "
                        + "height=\"%.1f\"/></g>", part.color() % Palette.COLORS, row.name(), part.name(), part.label(), at, top + 3,
                        part.value() * scale, ROW - 6);
                at += part.value() * scale;
            }
            svg.format("<text x=\"%.1f\" y=\"%.1f\">%s</text>", at + 5, top + ROW / 2 + 4, row.label());
        }
        return svg.raw("</svg>").toString();
    }
}
