package dev.fedtiny.report;

import java.util.List;

/** Horizontal bars, one row a name, as inline SVG: values to compare, or a value before and after. */
final class BarChart {
    private static final double WIDTH = 460;
    private static final double ROW = 19;
    private static final double LEFT = 150;
    private static final double RIGHT = 84;

    /**
     * One row.
     *
     * @param name at its left
     * @param value length of the bar, at least 0; NaN where it is not known: no bar
     * @param before length of the pale bar behind it; NaN for none
     * @param label at its right
     * @param color place in the palette; negative: that of the chart
     */
    record Bar(String name, double value, double before, String label, int color) {
        Bar(String name, double value, double before, String label) {
            this(name, value, before, label, -1);
        }

        /** The length of the bar; none of a value that is not known. */
        private double shown() {
            return Double.isNaN(value) ? 0 : value;
        }

        private double longest() {
            return Math.max(shown(), Double.isNaN(before) ? 0 : before);
        }
    }

    private BarChart() {
    }

    /** Draws the rows from the top, on a common scale that begins at 0. */
    static String draw(String description, int color, List<Bar> bars) {
        return draw(description, color, bars, List.of());
    }

    /**
     * The same with a legend, where there is a pale bar.
     *
     * @param solid what bars show
     * @param pale what pale bars show
     */
    static String figure(String description, int color, List<Bar> bars, String solid, String pale) {
        String style = "c" + color % Palette.COLORS;
        return draw(description, color, bars, bars.stream().allMatch(bar -> Double.isNaN(bar.before())) ? List.of()
                : List.of(new Legend.Entry(solid, style), new Legend.Entry(pale, style + " ghost")));
    }

    private static String draw(String description, int color, List<Bar> bars, List<Legend.Entry> entries) {
        double largest = bars.stream().mapToDouble(Bar::longest).reduce(Double.MIN_NORMAL, Math::max);
        double height = bars.size() * ROW + 6;
        Markup svg = new Markup();
        Legend legend = new Legend(entries, LEFT, WIDTH);
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, height + legend.height(), description);
        legend.draw(svg, height);
        double scale = (WIDTH - LEFT - RIGHT) / largest;
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            double top = 3 + i * ROW;
            svg.format("<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 7, top + 13,
                    shortened(bar.name()));
            svg.format("<g class=\"c%d\"><title>%s: %s</title>",
                    (bar.color() < 0 ? color : bar.color()) % Palette.COLORS, bar.name(), bar.label());
            if (!Double.isNaN(bar.before())) {
                svg.format("<rect class=\"ghost\" stroke=\"none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", LEFT, top,
                        bar.before() * scale, ROW - 3);
            }
            svg.format("<rect stroke=\"none\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/></g>", LEFT, top + 4,
                    bar.shown() * scale, ROW - 11);
            double end = bar.longest() * scale;
            svg.format("<text x=\"%.1f\" y=\"%.1f\">%s</text>", LEFT + end + 5, top + 13, bar.label());
        }
        return svg.raw("</svg>").toString();
    }

    private static String shortened(String name) {
        return name.length() <= 24 ? name : name.substring(0, 10) + "…" + name.substring(name.length() - 13);
    }
}
