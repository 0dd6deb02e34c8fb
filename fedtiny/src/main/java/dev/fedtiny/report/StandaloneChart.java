package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A chart as an SVG file of its own, for pages that the report does not style: with title, legend, background and a dark form. Colours are
 * written out, since not every viewer of SVG knows variables of style sheets.
 */
public final class StandaloneChart {
    private static final double WIDTH = 460;
    private static final double LINE_HEIGHT = 290;
    private static final double HEADER = 44;
    private static final double LEGEND_ROW = 18;
    private static final double MARGIN = 8;
    /** Between these numbers stand without a power of ten. */
    private static final double LEAST_FIXED = 1e-4;
    private static final double MOST_FIXED = 1e9;
    /** Lines of one colour: dash, gap, ... of each; the first one is whole. */
    private static final List<String> DASHES = List.of("", "7 3", "1.5 3", "10 3 1.5 3", "4 6");

    /**
     * A line through measured points, with an interval at each where there is one.
     *
     * @param name what the legend calls it
     * @param kind lines of one kind have one colour
     * @param variant lines of one variant have the same dashes, those of the first in the alphabet none
     * @param x ascending, one value a point
     * @param y one value a point
     * @param low lower ends of intervals; empty for none
     * @param high upper ends, as many
     */
    public record Series(String name, String kind, String variant, double[] x, double[] y, double[] low, double[] high) {
        /**
         * A line of a kind of its own.
         *
         * @param name what the legend calls it
         * @param x ascending, one value a point
         * @param y one value a point
         * @param low lower ends of intervals; empty for none
         * @param high upper ends, as many
         */
        public Series(String name, double[] x, double[] y, double[] low, double[] high) {
            this(name, name, "", x, y, low, high);
        }

        /**
         * The same without intervals.
         *
         * @param name what the legend calls it
         * @param x ascending, one value a point
         * @param y one value a point
         */
        public Series(String name, double[] x, double[] y) {
            this(name, x, y, new double[0], new double[0]);
        }
    }

    /**
     * One horizontal bar.
     *
     * @param name at its left
     * @param value its length, at least 0
     * @param reference length of the pale bar behind it; NaN for none
     * @param label at its right
     */
    public record Bar(String name, double value, double reference, String label) {
    }

    private StandaloneChart() {
    }

    /**
     * Lines over two linear axes.
     *
     * @param title what the chart says
     * @param yTitle what the vertical axis shows, with its unit
     * @param xTitle what the horizontal axis shows, with its unit
     * @param series one or more lines, each kind of a colour of its own
     * @return a whole SVG document
     */
    public static String lines(String title, String yTitle, String xTitle, List<Series> series) {
        double[] x = range(title, series, false, false);
        double[] y = range(title, series, true, false);
        return chart(title, Axis.linear(xTitle, x[0], x[1], StandaloneChart::number),
                Axis.linear(yTitle, Math.min(0, y[0]), Math.max(0, y[1]), StandaloneChart::number), series);
    }

    /**
     * The same over a logarithmic horizontal axis, on which points that are not positive have no place, for settings that are varied by
     * factors. The vertical axis shows the range of the values alone, since they are compared with each other: its title should say so.
     *
     * @param title what the chart says
     * @param yTitle what the vertical axis shows, with its unit
     * @param xTitle what the horizontal axis shows, with its unit
     * @param series one or more lines, each kind of a colour of its own
     * @return a whole SVG document
     */
    public static String linesByRatio(String title, String yTitle, String xTitle, List<Series> series) {
        double[] x = range(title, series, false, true);
        double[] y = range(title, series, true, false);
        return chart(title, Axis.logarithmic(xTitle, x[0], x[1], StandaloneChart::number),
                Axis.linear(yTitle, y[0], y[1], StandaloneChart::number), series);
    }

    /**
     * The same over two logarithmic axes; points that are not positive have no place on them and are left out.
     *
     * @param title what the chart says
     * @param yTitle what the vertical axis shows, with its unit
     * @param xTitle what the horizontal axis shows, with its unit
     * @param series one or more lines, each kind of a colour of its own
     * @return a whole SVG document
     */
    public static String logarithmicLines(String title, String yTitle, String xTitle, List<Series> series) {
        double[] x = range(title, series, false, true);
        double[] y = range(title, series, true, true);
        return chart(title, Axis.logarithmic(xTitle, x[0], x[1], StandaloneChart::number),
                Axis.logarithmic(yTitle, y[0], y[1], StandaloneChart::number), series);
    }

    /**
     * Horizontal bars on a common scale.
     *
     * @param title what the chart says
     * @param subtitle what a bar and the pale bar behind it show, with the unit
     * @param bars from top to bottom
     * @return a whole SVG document
     */
    public static String bars(String title, String subtitle, List<Bar> bars) {
        String chart = BarChart.draw(title, 0, bars.stream().map(b -> new BarChart.Bar(b.name(), b.value(), b.reference(), b.label()))
                .toList());
        double height = Double.parseDouble(chart.substring(chart.indexOf("460 ") + 4, chart.indexOf('"', chart.indexOf("460 "))));
        return page(title, subtitle, chart, height, List.of());
    }

    private static String chart(String title, Axis x, Axis y, List<Series> series) {
        List<String> kinds = series.stream().map(Series::kind).distinct().toList();
        List<String> variants = series.stream().map(Series::variant).distinct().sorted().toList();
        List<LineChart.Line> drawn = new ArrayList<>();
        List<Name> names = new ArrayList<>();
        for (Series one : series) {
            int color = kinds.indexOf(one.kind());
            int dash = variants.indexOf(one.variant()) % DASHES.size();
            for (int j = 0; j < one.low().length; j++) {
                drawn.add(new LineChart.Line(one.name() + ", interval", color, new double[] {one.x()[j], one.x()[j]},
                        new double[] {one.low()[j], one.high()[j]}));
            }
            drawn.add(new LineChart.Line(one.name(), color, one.x(), one.y(), new double[0], new double[0], false, dash));
            names.add(new Name(one.name(), color, dash));
        }
        return page(title, y.title(), LineChart.draw(title, x, y, drawn), LINE_HEIGHT, names);
    }

    /** A row of the legend. */
    private record Name(String text, int color, int dash) {
        /** How the line looks, in front of the text. */
        private String sign(double middle) {
            String line = Palette.line(color) + (dash == 0 ? "" : " d" + dash);
            return String.format(Locale.ROOT, dash == 0 && color < Palette.COLORS
                    ? "<circle class=\"%s\" cx=\"58\" cy=\"%.1f\" r=\"4\"/>" : "<g class=\"%s\"><path d=\"M42 %.1fH63\"/></g>", line,
                    middle);
        }
    }

    private static String page(String title, String subtitle, String chart, double chartHeight, List<Name> names) {
        double height = HEADER + chartHeight + names.size() * LEGEND_ROW + MARGIN;
        Markup svg = new Markup();
        svg.format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" aria-label=\"%s\">",
                WIDTH, height, WIDTH * 1.5, title);
        svg.raw("<style>" + style(false) + "@media(prefers-color-scheme:dark){" + style(true) + "}" + dashes(names) + "</style>");
        svg.format("<rect class=\"card\" width=\"%.0f\" height=\"%.0f\" rx=\"8\"/>", WIDTH, height);
        svg.format("<text class=\"title head\" x=\"12\" y=\"20\">%s</text><text x=\"12\" y=\"36\">%s</text>", title, subtitle);
        svg.raw(String.format(Locale.ROOT, "<svg x=\"0\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" ", HEADER, WIDTH, chartHeight)
                + chart.substring("<svg ".length()));
        for (int i = 0; i < names.size(); i++) {
            double y = HEADER + chartHeight + i * LEGEND_ROW + 10;
            svg.raw(names.get(i).sign(y - 4)).format("<text class=\"name\" x=\"68\" y=\"%.1f\">%s</text>", y,
                    TextWidth.shortened(names.get(i).text(), WIDTH - 68 - MARGIN));
        }
        return svg.raw("</svg>\n").toString();
    }

    private static String dashes(List<Name> names) {
        boolean more = names.stream().anyMatch(name -> name.color() >= Palette.COLORS);
        return names.stream().map(Name::dash).filter(dash -> dash > 0).distinct().sorted()
                .map(dash -> ".d" + dash + " path{stroke-dasharray:" + DASHES.get(dash) + "}").collect(Collectors.joining())
                + (more ? Palette.DASHES : "");
    }

    private static String style(boolean dark) {
        String ink = dark ? "#ecece6" : "#1c1c1a";
        StringBuilder rules = new StringBuilder(String.format(Locale.ROOT, "text{font:12px system-ui,sans-serif;fill:%s}"
                + "text.title,text.name{fill:%s}text.head{font-weight:600;font-size:13px}.card{fill:%s}.grid{stroke:%s}.axis{stroke:%s}"
                + "path{fill:none;stroke-width:1.8;stroke-linejoin:round}.many path{stroke-width:1.2}.ghost{opacity:.38}",
                dark ? "#a3a39b" : "#5d5d58", ink, dark ? "#20211e" : "#f5f5f1", dark ? "#3a3b37" : "#dcdcd6",
                dark ? "#a3a39b" : "#5d5d58"));
        for (int i = 0; i < Palette.COLORS; i++) {
            rules.append(String.format(Locale.ROOT, ".c%d{stroke:%2$s;fill:%2$s}", i, Palette.color(i, dark)));
        }
        return rules.append("g path{fill:none}").toString();
    }

    /** The least and the largest of what an axis can show. */
    private static double[] range(String title, List<Series> series, boolean vertical, boolean logarithmic) {
        double[] shown = series.stream().flatMap(one -> vertical ? Stream.of(one.y(), one.low(), one.high()) : Stream.of(one.x()))
                .flatMapToDouble(Arrays::stream).filter(value -> Double.isFinite(value) && (value > 0 || !logarithmic)).toArray();
        if (shown.length == 0) {
            throw new IllegalArgumentException("chart '" + title + "': no point has a finite " + (logarithmic ? "positive " : "")
                    + (vertical ? "height" : "place") + ", expected at least one");
        }
        return new double[] {Arrays.stream(shown).min().getAsDouble(), Arrays.stream(shown).max().getAsDouble()};
    }

    private static String number(double value) {
        if (value != 0 && (Math.abs(value) < LEAST_FIXED || Math.abs(value) >= MOST_FIXED)) {
            return Units.axis(value);
        }
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.4f", value).replaceAll("\\.?0+$", "");
    }
}
