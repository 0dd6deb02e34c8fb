package dev.fedtiny.report;

import java.util.List;

/** Numbers in cells, the larger the darker, as inline SVG: who has what, what was taken for what. */
final class HeatMap {
    private static final double WIDTH = 460;
    /** Points of the small texts: cells, and columns whose names stand upright. */
    private static final double SMALL = 9;
    private static final double LONGEST_UPRIGHT = 90;
    private static final double LONGEST_LABEL = 150;
    private static final double RIGHT = 4;
    private static final double MOST_ROW = 24;
    private static final double LEAST_ROW = 5;
    private static final double MOST_HEIGHT = 420;
    private static final int LONGEST_CELL = 5;
    /** Smaller cells have no words in them, and rows that are lower have no names. */
    private static final double READABLE_WIDTH = 26;
    private static final double READABLE_HEIGHT = 11;

    private HeatMap() {
    }

    /**
     * A map.
     *
     * @param title of the columns, above them
     * @param columns one name a column
     * @param rows one name a row
     * @param values a row each; NaN cells stay empty
     * @param labels words in the cells, as many; shown where there is room
     */
    record Map(String title, List<String> columns, List<String> rows, double[][] values, String[][] labels) {
    }

    /**
     * Draws it.
     *
     * @param most the value of the darkest cell; 0: the largest there is
     */
    static String draw(String description, Map map, double most) {
        int columns = map.columns().size();
        double longest = map.rows().stream().mapToDouble(TextWidth::of).max().orElse(0);
        double row = Math.max(LEAST_ROW, Math.min(MOST_ROW, MOST_HEIGHT / map.rows().size()));
        boolean named = row >= READABLE_HEIGHT;
        double left = named ? Math.min(LONGEST_LABEL, longest) + 8 : 8;
        double width = (WIDTH - left - RIGHT) / columns;
        double longestColumn = map.columns().stream().mapToDouble(TextWidth::of).max().orElse(0);
        boolean upright = longestColumn > width;
        double head = 18 + (upright ? Math.min(LONGEST_UPRIGHT, longestColumn * SMALL / 12) + 6 : 16);
        double darkest = most > 0 ? most : largest(map.values());
        Markup svg = new Markup();
        svg.format("<svg viewBox=\"0 0 %.0f %.1f\" role=\"img\" "
                + "aria-label=\"%s\">", WIDTH, head + row * map.rows().size() + 4, description);
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"12\">%s</text>", left, map.title());
        boolean columnsNamed = width >= READABLE_HEIGHT - 3;
        for (int c = 0; c < columns && columnsNamed; c++) {
            double middle = left + (c + 0.5) * width;
            if (upright) {
                svg.format("<text class=\"small\" x=\"%.1f\" y=\"%.1f\" transform=\"rotate(-90 %.1f "
                        + "%.1f)\">%s</text>", middle + 3, head - 4,
                        middle + 3, head - 4, TextWidth.shortened(map.columns().get(c), LONGEST_UPRIGHT * 12 / SMALL));
            } else {
                svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", middle, head - 5, map.columns().get(c));
            }
        }
        for (int r = 0; r < map.rows().size(); r++) {
            double top = head + r * row;
            if (named) {
                svg.format("<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", left - 6, top + row / 2 + 4,
                        TextWidth.shortened(map.rows().get(r), LONGEST_LABEL));
            }
            for (int c = 0; c < columns; c++) {
                cell(svg, map, r, c, new double[] {left + c * width, top, width, row}, darkest);
            }
        }
        return svg.raw("</svg>").toString();
    }

    private static void cell(Markup svg, Map map, int r, int c, double[] place, double darkest) {
        double value = map.values()[r][c];
        if (!Double.isFinite(value) || value <= 0 && place[2] * place[3] < READABLE_WIDTH * READABLE_HEIGHT) {
            return;
        }
        double share = darkest > 0 ? Math.max(0, Math.min(1, value / darkest)) : 0;
        String label = map.labels()[r][c];
        svg.format("<rect class=\"heat\" fill-opacity=\"%.2f\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s, %s: "
                + "%s</title>"
                + "</rect>", 0.04 + 0.96 * share, place[0], place[1], place[2], place[3], map.rows().get(r), map.columns().get(c), label);
        if (place[2] >= READABLE_WIDTH && place[3] >= READABLE_HEIGHT && label.length() <= LONGEST_CELL) {
            svg.format(share > 0.55 ? "<text class=\"small inverse\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>"
                    : "<text class=\"small over\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", place[0] + place[2] / 2,
                    place[1] + place[3] / 2 + 3, label);
        }
    }

    private static double largest(double[][] values) {
        double largest = 0;
        for (double[] row : values) {
            for (double value : row) {
                largest = Double.isFinite(value) ? Math.max(largest, value) : largest;
            }
        }
        return largest;
    }}
