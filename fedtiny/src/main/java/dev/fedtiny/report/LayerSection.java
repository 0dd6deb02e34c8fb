package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Density of the layers at the start and at the end. */
final class LayerSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        FigureGrid figures = new FigureGrid();
        for (RunGroup g : runs.groups()) {
            List<JsonObject> first = first(g.first());
            List<JsonObject> last = last(g.first());
            if (last.isEmpty() || last.stream().allMatch(l -> JsonMembers.number(l, "kept") == JsonMembers.number(l, "size"))) {
                continue;
            }
            List<BarChart.Bar> bars = new ArrayList<>();
            for (int i = 0; i < last.size(); i++) {
                double after = share(last.get(i));
                double before = i < first.size() ? share(first.get(i)) : Double.NaN;
                bars.add(new BarChart.Bar(last.get(i).string("name").replace(".weight", ""), after, before == after ? Double.NaN : before,
                        Units.density(after)));
            }
            figures.add(g, "density of each layer", BarChart.figure("density of each layer", g.color(), bars, "after the last round",
                    "at the start"));
        }
        if (figures.isEmpty()) {
            return Optional.empty();
        }
        page.raw("<h2>Density of the layers</h2><p class=\"soft\">Active weights of each layer as a share of all its weights. Solid: after "
                + "the last round; pale, where it differs: at the start.</p>");
        figures.write(page);
        return Optional.empty();
    }

    /** Active counts and sizes at the start. */
    private static List<JsonObject> first(RunRecord run) {
        return run.start().map(start -> JsonMembers.objects(start, "layers")).orElse(List.of());
    }

    /** The same after the last round, or at the start where there is none. */
    private static List<JsonObject> last(RunRecord run) {
        return run.rounds().isEmpty() ? first(run) : JsonMembers.objects(run.rounds().getLast(), "layers");
    }

    private static double share(JsonObject layer) {
        return JsonMembers.number(layer, "kept") / JsonMembers.number(layer, "size");
    }
}
