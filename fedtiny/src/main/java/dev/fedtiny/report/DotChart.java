package dev.fedtiny.report;

import java.util.List;

/** Values with their standard errors, one row a name, the chosen one filled: the losses of the candidates of a selection. */
final class DotChart {
    private static final double WIDTH = 460;
    private static final double ROW = 19;
    private static final double LEFT = 110;
    private static final double RIGHT = 60;
    private static final double BOTTOM = 40;
    /** Between two labels of ticks. */
    private static final double GAP = 6;

    /**
     * One row.
     *
     * @param name at its left
     * @param value NaN: nothing is drawn, the label alone stands there
     * @param error half the length of the bar around it; NaN for none
     * @param label at its right
     * @param chosen whether it is the one that was taken
     */
    record Dot(String name, double value, double error, String label, boolean chosen) {
        private double low() {
            return value - (Double.isNaN(error) ? 0 : error);
        }

        private double high() {
            return value + (Double.isNaN(error) ? 0 : error);
        }
    }

    private DotChart() {
    }

    /** Draws the rows from the top. */
    static String draw(String description, int color, List<Dot> dots) {
        double low = dots.stream().mapToDouble(Dot::low).filter(Double::isFinite).min().orElse(0);
        double high = dots.stream().mapToDouble(Dot::high).filter(Double::isFinite).max().orElse(1);
        Axis axis = Axis.linear("mean loss, nats", low, high, value -> Units.fixed(value, high - low < 0.02 ? 4 : 3));
        double height = dots.size() * ROW + BOTTOM + 6;
        Markup svg = new Markup();
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, height, description);
        double free = 0;
        for (double tick : axis.ticks()) {
            svg.format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"3\" y2=\"%.1f\"/>", left(axis, tick), left(axis, tick),
                    height - BOTTOM);
            String label = axis.label().apply(tick);
            double half = TextWidth.of(label) / 2;
            // One that would run into the one before is left out.
            if (left(axis, tick) - half >= free) {
                svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", left(axis, tick), height - BOTTOM + 17, label);
                free = left(axis, tick) + half + GAP;
            }
        }
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", (LEFT + WIDTH - RIGHT) / 2, height - 5,
                axis.title());
        for (int i = 0; i < dots.size(); i++) {
            Dot dot = dots.get(i);
            double middle = 3 + (i + 0.5) * ROW;
            svg.format("<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 7, middle + 4, dot.name());
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", WIDTH - 4, middle + 4, dot.label());
            if (Double.isFinite(dot.value())) {
                svg.format("<g class=\"c%d\"><title>%s: %s</title>", color % Palette.COLORS, dot.name(), dot.label());
                svg.format("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", left(axis, dot.low()), left(axis, dot.high()), middle,
                        middle);
                svg.format("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/></g>", dot.chosen() ? "chosen" : "ring",
                        left(axis, dot.value()), middle);
            }
        }
        return svg.raw("</svg>").toString();
    }

    private static double left(Axis axis, double value) {
        return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT);
    }
}
