package dev.fedtiny.report;

import java.util.List;

/** Lines over two axes, as inline SVG of a fixed coordinate system that scales with the page. */
final class LineChart {
    private static final double WIDTH = 460;
    private static final double HEIGHT = 290;
    private static final double LEFT = 52;
    private static final double RIGHT = 14;
    private static final double TOP = 10;
    private static final double BOTTOM = 44;
    /** From so many lines on, and on longer lines than this, points would hide what lies below them. */
    private static final int MANY_LINES = 8;
    private static final int MANY_POINTS = 60;

    /**
     * One line.
     *
     * @param name what the legend and tooltips call it
     * @param color place in the palette; lines of one group share it
     * @param x ascending
     * @param y one value an x
     */
    record Line(String name, int color, double[] x, double[] y) {
    }

    private LineChart() {
    }

    /**
     * Draws lines; points that lie outside an axis are left out.
     *
     * @param description for people who do not see it
     */
    static String draw(String description, Axis x, Axis y, List<Line> lines) {
        Markup svg = new Markup();
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT, description);
        for (double tick : y.ticks()) {
            double at = top(y, tick);
            svg.format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, at, at);
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 6, at + 4, y.label().apply(tick));
        }
        for (double tick : x.ticks()) {
            double at = left(x, tick);
            svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", at, at, HEIGHT - BOTTOM, HEIGHT - BOTTOM
                    + 4);
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", at, HEIGHT - BOTTOM + 17, x.label().apply(tick));
        }
        svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM,
                HEIGHT - BOTTOM);
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8,
                x.title());
        for (Line line : lines) {
            line(svg, x, y, line, lines.size() >= MANY_LINES);
        }
        return svg.raw("</svg>").toString();
    }

    private static void line(Markup svg, Axis x, Axis y, Line line, boolean many) {
        StringBuilder path = new StringBuilder();
        Markup points = new Markup();
        for (int i = 0; i < line.x().length; i++) {
            boolean shown = x.place(line.x()[i]) >= -1e-9 && x.place(line.x()[i]) <= 1 + 1e-9 && Double.isFinite(line.y()[i]);
            if (!shown) {
                continue;
            }
            path.append(path.isEmpty() ? 'M' : 'L').append(String.format(java.util.Locale.ROOT, "%.1f %.1f", left(x, line.x()[i]), top(y,
                    line.y()[i])));
            points.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s: %s at %s</title></circle>", left(x, line.x()[i]), top(y,
                    line.y()[i]),
                    many || line.x().length > MANY_POINTS ? "1.6" : "2.6", line.name(), y.label().apply(line.y()[i]),
                    x.label().apply(line.x()[i]));
        }
        svg.format("<g class=\"c%d%s\"><path d=\"%s\"/>", line.color() % Palette.COLORS, many ? " many" : "",
                path.toString()).raw(points.toString()).raw("</g>");
    }

    private static double left(Axis x, double value) {
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double top(Axis y, double value) {
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    }
}
