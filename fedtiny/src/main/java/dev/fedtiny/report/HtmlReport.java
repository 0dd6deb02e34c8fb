package dev.fedtiny.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One self-contained page about one or more runs. No scripts and nothing from elsewhere; light and dark; readable on a phone and in print.
 */
final class HtmlReport {
    /** The parts of the page, from above: whoever adds one adds a line here. */
    static final List<Section> SECTIONS = List.of(new UnfinishedSection(), new ComparisonSection(), new DifferenceSection(),
            new EqualCostSection(),
            new CurveSection(), new AccuracyCosts(), new ClassSection(), new SplitSection(), new DeviceSection(), new DeviceClassSection(),
            new PersonalSection(), new SelectionSection(),
            new LayerSection(), new MaskSection(), new MessageSection(),
            MeasuredSection::write, new FailureSection(),
            new ProvenanceSection());

    private static final int NAMED_METHODS = 4;

    private HtmlReport() {
    }

    /** The page as text. */
    static String of(ReportRuns runs) {
        Markup page = new Markup();
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        page.format("<title>%s</title><style>", title(runs)).raw(Palette.style()).raw("</style></head><body>");
        page.format("<h1>%s</h1>", title(runs));
        page.format("<p class=\"soft\">%s</p>", origin(runs.reference().first()));
        List<String> hints = new ArrayList<>();
        SECTIONS.forEach(section -> section.write(runs, page).ifPresent(hints::add));
        if (!hints.isEmpty()) {
            page.raw("<h2>What else there could be</h2><ul class=\"soft hints\">");
            hints.forEach(hint -> page.format("<li>%s</li>", hint));
            page.raw("</ul>");
        }
        return page.raw("</body></html>\n").toString();
    }

    private static String title(ReportRuns runs) {
        List<String> methods = runs.groups().stream().map(g -> g.first().method()).distinct().toList();
        return "Federated pruning: " + (methods.size() <= NAMED_METHODS ? String.join(", ", methods) : methods.size() + " methods");
    }

    private static String origin(RunRecord run) {
        Map<String, String> machine = run.strings("machine");
        return run.strings("data").getOrDefault("train", "") + " · " + machine.getOrDefault("processor", "") + ", "
                + machine.getOrDefault("processors", "?") + " processors · " + machine.getOrDefault("java", "") + " · "
                + machine.getOrDefault("kernels", "") + " kernels";
    }
}
