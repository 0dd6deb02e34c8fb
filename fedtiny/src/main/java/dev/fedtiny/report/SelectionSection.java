package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How the candidates of a first mask did, and whether the choice rested on more than chance. */
final class SelectionSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        FigureGrid figures = new FigureGrid();
        runs.groups().forEach(group -> group.first().start().flatMap(start -> JsonMembers.object(start, "selection"))
                .ifPresent(selection -> figure(group, selection, figures)));
        if (!figures.isEmpty()) {
            page.raw("<h2>Selection of the first mask</h2>");
            figures.write(page);
        }
        return Optional.empty();
    }

    private static void figure(RunGroup group, JsonObject selection, FigureGrid figures) {
        List<JsonObject> candidates = JsonMembers.objects(selection, "candidates");
        int chosen = (int) JsonMembers.number(selection, "chosen");
        List<DotChart.Dot> dots = new ArrayList<>();
        for (int c = 0; c < candidates.size(); c++) {
            double loss = JsonMembers.number(candidates.get(c), "loss");
            dots.add(new DotChart.Dot("candidate " + (c + 1), loss, JsonMembers.number(candidates.get(c), "standardError"),
                    Double.isNaN(loss) ? "not finite" : Units.fixed(loss, 4), c == chosen));
        }
        double spread = JsonMembers.number(selection, "spread");
        double error = JsonMembers.number(selection, "standardError");
        Markup contents = new Markup().raw(DotChart.draw("losses of the candidates", group.color(), dots));
        long known = dots.stream().filter(dot -> Double.isFinite(dot.value())).count();
        contents.format("<p class=\"soft note\">Filled: chosen. The losses span %s, their standard error is %s: %s.</p>",
                Units.fixed(spread, 4), Units.fixed(error, 4), known < 2 ? "one candidate, so there was no choice"
                        : against((int) known, spread / error));
        figures.add(group, "mean loss of every candidate ± its standard error", contents.toString());
    }

    /** The span beside that of candidates of which none is better: the least of many is below the largest by chance, too. */
    private static String against(int candidates, double span) {
        double chance = SampleStatistics.expectedRange(candidates);
        return Units.fixed(span, 1) + " times that, " + (span > chance ? "more than " : "no more than ") + "the " + Units.fixed(chance, 1)
                + " that " + candidates + " equal ones, each measured by itself, span by chance";
    }
}
