package dev.fedtiny.report;

import java.util.Optional;

/** A part of the page: one file of its own, and one line in {@link HtmlReport#SECTIONS}. */
interface Section {
    /**
     * Writes the part with its heading, or nothing.
     *
     * @return where there was nothing to write: what is missing and how to get it, for the hints at the end of the page
     */
    Optional<String> write(ReportRuns runs, Markup page);
}
