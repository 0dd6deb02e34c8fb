package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.List;

/** Figures of one run each, side by side: the first few are shown, of many groups the others can be opened. */
final class FigureGrid {
    private static final int SHOWN = 4;

    private final List<String> names = new ArrayList<>();
    private final List<String> figures = new ArrayList<>();

    /**
     * Adds a figure.
     *
     * @param group whose run it shows
     * @param caption what it says beside the group's name and the seed; empty for nothing
     * @param contents under the caption
     */
    void add(RunGroup group, String caption, String contents) {
        names.add(group.name());
        figures.add(new Markup().format("<figure><figcaption>%s%s%s</figcaption>", group.name(), caption.isEmpty() ? "" : ": " + caption,
                group.whichSeed()).raw(contents).raw("</figure>").toString());
    }

    boolean isEmpty() {
        return figures.isEmpty();
    }

    void write(Markup page) {
        int shown = Math.min(SHOWN, figures.size());
        page.raw("<div class=\"grid2\">").raw(String.join("", figures.subList(0, shown))).raw("</div>");
        if (figures.size() > shown) {
            page.format("<details><summary>%d more: %s</summary><div class=\"grid2\">", figures.size() - shown,
                    String.join("; ", names.subList(shown, names.size()))).raw(String.join("", figures.subList(shown, figures.size())))
                    .raw("</div></details>");
        }
    }
}
