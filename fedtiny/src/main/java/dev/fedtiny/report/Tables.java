package dev.fedtiny.report;

/** Tables that may be wider than the page: they scroll by themselves, and say so where they do. */
final class Tables {
    /** With more columns a table is wider than the widest page, with fewer than the least only on a phone. */
    private static final int MOST = 11;
    private static final int LEAST = 7;

    private Tables() {
    }

    /**
     * Begins a table.
     *
     * @param columns how many there are, by which its width is judged: style sheets cannot measure it
     */
    static void open(Markup page, int columns) {
        page.format("<div class=\"wide %s\"><p class=\"soft hint\">Scrolls sideways where it is wider than the page →</p>", columns > MOST
                ? "always"
                : columns > LEAST ? "often" : "seldom").raw("<div class=\"scroll\"><table>");
    }

    static void close(Markup page) {
        page.raw("</table></div></div>");
    }
}
