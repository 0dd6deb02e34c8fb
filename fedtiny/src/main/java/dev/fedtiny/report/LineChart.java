package dev.fedtiny.report;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** Lines over two axes, as inline SVG of a fixed coordinate system that scales with the page. */
final class LineChart {
    private static final double WIDTH = 460;
    private static final double HEIGHT = 290;
    private static final double LEAST_LEFT = 52;
    private static final double RIGHT = 14;
    private static final double TOP = 10;
    private static final double BOTTOM = 44;
    /** Width of a letter of a tick's label, about. */
    private static final double LETTER = 6.8;
    /** Where the vertical axis has its title above it. */
    private static final double TITLED_TOP = 26;
    /** From so many lines on, and on longer lines than this, points are small, since they would hide what lies below them. */
    private static final int MANY_LINES = 8;
    private static final int SMALL_POINTS = 30;
    /** On longer lines than this there are none. */
    private static final int MANY_POINTS = 60;
    /** A line of more points than the chart has places for them is drawn through every so many. */
    private static final int MOST_POINTS = 400;

    private final Markup svg = new Markup();
    private final Axis x;
    private final Axis y;
    private final double top;
    private final double edge;

    /**
     * One line.
     *
     * @param name what the legend and tooltips call it
     * @param color place in the palette; lines of one group share it
     * @param x ascending
     * @param y one value an x
     * @param low lower end of a band around the line, one value an x; empty for none
     * @param high upper end, as many
     * @param partial whether it is of something that was not brought to its end: drawn thin and dotted, and not named in the legend
     * @param dash which of the group's lines it is, told by dashes and drawn without points; 0 for a whole line
     */
    record Line(String name, int color, double[] x, double[] y, double[] low, double[] high, boolean partial, int dash) {
        Line(String name, int color, double[] x, double[] y, double[] low, double[] high, boolean partial) {
            this(name, color, x, y, low, high, partial, 0);
        }

        Line(String name, int color, double[] x, double[] y) {
            this(name, color, x, y, new double[0], new double[0], false);
        }
    }

    private LineChart(Axis x, Axis y, double top) {
        this.x = x;
        this.y = y;
        this.top = top;
        this.edge = Math.max(LEAST_LEFT, 8 + LETTER * y.ticks().stream().mapToInt(tick -> y.label().apply(tick).length()).max().orElse(0));
    }

    /**
     * Draws lines; points that lie outside an axis are left out.
     *
     * @param description for people who do not see it
     */
    static String draw(String description, Axis x, Axis y, List<Line> lines) {
        LineChart chart = new LineChart(x, y, TOP);
        chart.open(description, 0);
        chart.contents(lines);
        return chart.svg.raw("</svg>").toString();
    }

    /** The same with the title of the vertical axis and a legend, so that it says all by itself wherever it is copied to. */
    static String figure(String description, Axis x, Axis y, List<Line> lines) {
        LineChart chart = new LineChart(x, y, TITLED_TOP);
        Legend legend = new Legend(entries(lines), chart.edge, WIDTH);
        chart.open(description, legend.height());
        chart.svg.format("<text class=\"title\" x=\"4\" y=\"13\">%s</text>", y.title());
        chart.contents(lines);
        legend.draw(chart.svg, HEIGHT - 4);
        return chart.svg.raw("</svg>").toString();
    }

    private static List<Legend.Entry> entries(List<Line> lines) {
        return lines.stream().map(line -> new Legend.Entry(line.name(), Palette.line(line.color()))).distinct().toList();
    }

    private void open(String description, double more) {
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, HEIGHT + more, description);
    }

    private void contents(List<Line> lines) {
        for (double tick : y.ticks()) {
            double at = top(tick);
            svg.format("<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", edge, WIDTH - RIGHT, at, at);
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", edge - 6, at + 4, y.label().apply(tick));
        }
        double free = 0;
        x.marks().forEach(mark -> mark(mark, 3));
        for (double tick : x.ticks()) {
            double at = left(tick);
            mark(tick, 5);
            String label = x.label().apply(tick);
            double half = LETTER * label.length() / 2;
            // The last one may be too long to stand around its tick; one that would run into the one before is left out.
            double middle = Math.min(at, WIDTH - half);
            if (middle - half >= free) {
                svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", middle, HEIGHT - BOTTOM + 17, label);
                free = middle + half + LETTER;
            }
        }
        svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", edge, WIDTH - RIGHT, HEIGHT - BOTTOM,
                HEIGHT - BOTTOM);
        svg.format("<text class=\"title\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", (edge + WIDTH - RIGHT) / 2, HEIGHT - 8,
                x.title());
        lines.forEach(this::band);
        boolean many = lines.size() >= MANY_LINES;
        lines.forEach(line -> line(line, many));
    }

    /** On the horizontal axis. */
    private void mark(double value, double length) {
        double at = left(value);
        svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", at, at, HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + length);
    }

    private boolean shown(Line line, int i) {
        return x.place(line.x()[i]) >= -1e-9 && x.place(line.x()[i]) <= 1 + 1e-9 && Double.isFinite(y.place(line.y()[i]));
    }

    /** Places of the points that are drawn: all of a short line, of a long one every so many and the last. */
    private int[] places(Line line) {
        int[] all = IntStream.range(0, line.x().length).filter(i -> shown(line, i)).toArray();
        int step = Math.max(1, Math.ceilDiv(all.length, MOST_POINTS));
        return IntStream.range(0, all.length).filter(i -> i % step == 0 || i == all.length - 1).map(i -> all[i]).toArray();
    }

    private void band(Line line) {
        if (line.low().length == 0) {
            return;
        }
        int[] places = Arrays.stream(places(line)).filter(i -> Double.isFinite(line.low()[i]) && Double.isFinite(line.high()[i]))
                .toArray();
        if (places.length > 1) {
            StringBuilder path = new StringBuilder();
            for (int i : places) {
                point(path, line.x()[i], line.high()[i]);
            }
            for (int i = places.length - 1; i >= 0; i--) {
                point(path, line.x()[places[i]], line.low()[places[i]]);
            }
            svg.format("<g class=\"c%d\"><path class=\"band\" d=\"%sZ\"/></g>", line.color() % Palette.COLORS, path.toString());
        }
    }

    private void point(StringBuilder path, double atX, double atY) {
        path.append(path.isEmpty() ? 'M' : 'L').append(String.format(Locale.ROOT, "%.1f %.1f", left(atX),
                top(Math.max(y.low(), Math.min(y.high(), atY)))));
    }

    private void line(Line line, boolean many) {
        StringBuilder path = new StringBuilder();
        Markup points = new Markup();
        int[] places = places(line);
        String radius = many || line.x().length > SMALL_POINTS ? "1.6" : "2.6";
        for (int i : places) {
            path.append(path.isEmpty() ? 'M' : 'L').append(String.format(Locale.ROOT, "%.1f %.1f", left(line.x()[i]), top(line.y()[i])));
            if (line.x().length <= MANY_POINTS && !line.partial() && line.dash() == 0) {
                points.format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%s\"><title>%s: %s at %s</title></circle>", left(line.x()[i]),
                        top(line.y()[i]), radius, line.name(), y.label().apply(line.y()[i]), x.label().apply(line.x()[i]));
            }
        }
        if (places.length > 0) {
            svg.format("<g class=\"%s%s%s%s\">", Palette.line(line.color()), many ? " many" : "", line.partial() ? " partial" : "",
                    line.dash() == 0 ? "" : " d" + line.dash());
            if (points.toString().isEmpty()) {
                int last = places[places.length - 1];
                svg.format("<title>%s: %s at %s</title>", line.name(), y.label().apply(line.y()[last]), x.label().apply(line.x()[last]));
            }
            svg.format("<path d=\"%s\"/>", path.toString()).raw(points.toString()).raw("</g>");
        }
    }

    private double left(double value) {
        return edge + x.place(value) * (WIDTH - edge - RIGHT);
    }

    private double top(double value) {
        return HEIGHT - BOTTOM - y.place(value) * (HEIGHT - top - BOTTOM);
    }
}
