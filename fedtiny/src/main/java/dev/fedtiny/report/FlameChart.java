package dev.fedtiny.report;

import java.util.List;

/** Time as nested bars: the whole above, its passes below it, their operators below them; widths are shares of the whole. */
final class FlameChart {
    private static final double WIDTH = 460;
    private static final double ROW = 26;
    private static final double SIDE = 4;
    /** Less has no room for a name. */
    private static final double LEAST_ROOM = 26;

    /**
     * A bar of one level.
     *
     * @param name in it, where there is room, and in its tooltip
     * @param share of the whole
     * @param label further words of the tooltip
     * @param color place in the palette; negative for what belongs to nothing
     * @param parts the level below; their shares add up to at most this one's
     */
    record Bar(String name, double share, String label, int color, List<Bar> parts) {
        private int depth() {
            return 1 + parts.stream().mapToInt(Bar::depth).max().orElse(0);
        }
    }

    private FlameChart() {
    }

    /** Draws the whole. */
    static String draw(String description, Bar whole) {
        Markup svg = new Markup();
        svg.format("<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">", WIDTH, whole.depth() * ROW + 2, description);
        bar(svg, whole, SIDE, 0, (WIDTH - 2 * SIDE) / whole.share());
        return svg.raw("</svg>").toString();
    }

    private static void bar(Markup svg, Bar bar, double left, int level, double scale) {
        double width = bar.share() * scale;
        svg.format("<g class=\"%s\"><title>%s: %s</title><rect class=\"cell\" x=\"%.2f\" y=\"%.1f\" width=\"%.2f\" height=\"%.1f\"/></g>",
                bar.color() < 0 ? "rest" : "c" + bar.color() % Palette.COLORS, bar.name(), bar.label(), left, level * ROW + 1,
                width, ROW - 2);
        double room = width - 6;
        if (room >= LEAST_ROOM) {
            String name = TextWidth.shortened(bar.name(), room);
            svg.format("<text class=\"%s\" x=\"%.2f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", bar.color() < 0 ? "name" : "on",
                    left + width / 2, level * ROW + ROW / 2 + 4, name);
        }
        double at = left;
        for (Bar part : bar.parts()) {
            bar(svg, part, at, level + 1, scale);
            at += part.share() * scale;
        }
    }
}
