package dev.fedtiny.report;

import java.util.List;
import java.util.Locale;

/** Operators as points below the machine's roof: floating-point operations a byte against floating-point operations a second. */
final class Roofline {
    private static final double WIDTH = 460;
    private static final double HEIGHT = 330;
    private static final double LEFT = 52;
    private static final double RIGHT = 14;
    private static final double TOP = 12;
    private static final double BOTTOM = 44;
    private static final double LARGEST_RADIUS = 9;
    private static final double SMALLEST_RADIUS = 2.5;

    private Roofline() {
    }

    /** Draws the rows that have multiply-adds and traffic; a point's area is its share of the time. */
    static String draw(String description, List<MeasuredWork.Row> rows, MeasuredWork.Roof roof, double allNanos) {
        double lowX = rows.stream().mapToDouble(MeasuredWork.Row::intensity).min().orElse(0.1);
        double highX = rows.stream().mapToDouble(MeasuredWork.Row::intensity).max().orElse(10);
        double lowY = rows.stream().mapToDouble(MeasuredWork.Row::gflops).min().orElse(0.1);
        double highY = rows.stream().mapToDouble(MeasuredWork.Row::gflops).max().orElse(10);
        if (roof.known()) {
            // The ridge, where the roof turns flat, belongs on the picture.
            highX = Math.max(highX, 2 * roof.gflops() / roof.gigabytes());
            highY = Math.max(highY, roof.gflops());
        }
        Axis x = Axis.logarithmic("FLOP a byte of modelled traffic", lowX / 1.5, highX * 1.5, Roofline::label);
        Axis y = Axis.logarithmic("GFLOP/s", lowY / 1.5, highY * 1.5, Roofline::label);
        Markup svg = new Markup();
        Legend legend = new Legend(rows.stream().map(MeasuredWork.Row::pass).distinct().map(pass -> new Legend.Entry(Passes.words(pass),
                "c" + Passes.color(pass) % Palette.COLORS)).toList(), LEFT, WIDTH);
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT + legend.height(), description);
        legend.draw(svg, HEIGHT - 4);
        axes(svg, x, y);
        if (roof.known()) {
            roof(svg, x, y, roof);
        }
        for (MeasuredWork.Row row : rows) {
            double radius = Math.max(SMALLEST_RADIUS, Math.min(LARGEST_RADIUS, 30 * Math.sqrt(row.nanos() / allNanos)));
            svg.format("<g class=\"c%d\"><title>%s, %s: %s FLOP/B, %s GFLOP/s, %s of the step</title><circle class=\"point\" cx=\"%.1f\" "
                            + "cy=\"%.1f\" r=\"%.1f\"/></g>",
                    Passes.color(row.pass()) % Palette.COLORS, row.operator(), Passes.words(row.pass()),
                    Units.fixed(row.intensity(), 2), Units.fixed(row.gflops(), 1), Units.percent(row.nanos() / allNanos),
                    left(x, row.intensity()), top(y, row.gflops()), radius);
        }
        if (roof.known()) {
            // Over the points, which may lie above the roof.
            svg.format("<text class=\"halo\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s GFLOP/s in registers, %s GB/s of memory</text>",
                    WIDTH - RIGHT - 2, top(y, roof.gflops()) - 5, Units.fixed(roof.gflops(), 1), Units.fixed(roof.gigabytes(), 1));
        }
        return svg.raw("</svg>").toString();
    }

    private static void axes(Markup svg, Axis x, Axis y) {
        for (double tick : y.ticks()) {
            svg.format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, top(y, tick),
                    top(y, tick));
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", LEFT - 6, top(y, tick) + 4, y.label().apply(tick));
        }
        for (double tick : x.ticks()) {
            svg.format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", left(x, tick), left(x, tick), TOP,
                    HEIGHT - BOTTOM);
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", left(x, tick), HEIGHT - BOTTOM + 17,
                    x.label().apply(tick));
        }
        svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM,
                HEIGHT - BOTTOM);
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8,
                x.title());
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\">%s</text>", LEFT + 4, TOP + 12, y.title());
    }

    private static void roof(Markup svg, Axis x, Axis y, MeasuredWork.Roof roof) {
        double ridge = roof.gflops() / roof.gigabytes();
        // The slanted part begins at the left edge or, where that lies below the picture, at the lower one.
        double start = Math.max(x.low(), y.low() / roof.gigabytes());
        svg.format("<path class=\"roof\" d=\"M%.1f %.1f L%.1f %.1f L%.1f %.1f\"/>", left(x, start), top(y, start * roof.gigabytes()),
                left(x, Math.max(ridge, start)), top(y, roof.gflops()), WIDTH - RIGHT, top(y, roof.gflops()));
    }

    private static String label(double value) {
        return value >= 1 ? Long.toString(Math.round(value)) : value >= 0.001 ? Double.toString(value)
                : String.format(Locale.ROOT, "%.0e", value).replace("e-0", "e-");
    }

    private static double left(Axis x, double value) {
        return LEFT + x.place(value) * (WIDTH - LEFT - RIGHT);
    }

    private static double top(Axis y, double value) {
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - TOP - BOTTOM);
    }
}
