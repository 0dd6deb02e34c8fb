package dev.fedtiny.report;

/** Tables that may be wider than the page: they scroll by themselves, and say so where they do. */
final class Tables {
    private Tables() {
    }

    static void open(Markup page) {
        page.raw("<div class=\"wide\"><p class=\"soft hint\">This table scrolls sideways →</p><div class=\"scroll\"><table>");
    }

    static void close(Markup page) {
        page.raw("</table></div></div>");
    }
}
