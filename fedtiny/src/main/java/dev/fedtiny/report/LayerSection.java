package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Density of the layers at the start and at the end. */
final class LayerSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        FigureGrid figures = new FigureGrid();
        for (RunGroup g : runs.groups()) {
            List<JsonObject> first = g.first().firstLayers();
            List<JsonObject> last = g.first().lastLayers();
            if (last.isEmpty() || last.stream().allMatch(l -> RunRecord.number(l, "kept") == RunRecord.number(l, "size"))) {
                continue;
            }
            List<BarChart.Bar> bars = new ArrayList<>();
            for (int i = 0; i < last.size(); i++) {
                double after = share(last.get(i));
                double before = i < first.size() ? share(first.get(i)) : Double.NaN;
                bars.add(new BarChart.Bar(last.get(i).string("name").replace(".weight", ""), after, before == after ? Double.NaN : before,
                        String.format(Locale.ROOT, "%.4f", after)));
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

    private static double share(JsonObject layer) {
        return RunRecord.number(layer, "kept") / RunRecord.number(layer, "size");
    }
}
