package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.settings.Numbers;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** How masks change over the rounds: how much is exchanged, how much of that stays, and what comes back. */
final class MaskSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> changing = runs.groups().stream().filter(group -> group.runs().stream().flatMap(run -> run.rounds().stream())
                .anyMatch(round -> grown(round) > 0)).toList();
        if (changing.isEmpty()) {
            return Optional.empty();
        }
        ReportRuns shown = new ReportRuns(changing, runs.profiles(), runs.window());
        page.raw("<h2>Masks over time</h2><p class=\"soft\">An adjustment prunes as many weights as it grows. Grown weights survive "
                + "when the "
                + "next adjustment of their layer leaves them; a weight has come back when it is grown after it had been active and "
                + "pruned before.</p><div class=\"grid2\">");
        curve("Weights grown so far", "share of the active weights", run -> cumulative(run, round -> grown(round) / active(round)), shown,
                page);
        curve("Grown weights that survive the next adjustment", "share of those grown before", run -> each(run, round -> sum(round,
                "survivors") / sum(round, "grownBefore")), shown, page);
        curve("Weights that came back", "share of those grown", run -> each(run, round -> JsonMembers.number(round, "masks", "returned")
                / JsonMembers.number(round, "masks", "grown")), shown, page);
        curve("Weights of the first mask that are active", "share of the first mask", run -> held(run, round -> JsonMembers.number(round,
                "masks", "ofFirst") / JsonMembers.number(round, "masks", "first")), shown, page);
        page.raw("</div>");
        changing.forEach(group -> table(group, page));
        return Optional.empty();
    }

    private static void curve(String caption, String title, Function<RunRecord, double[]> values, ReportRuns runs,
            Markup page) {
        new Curves(caption, Curves.rounds(), new Curves.Scale(title, Axis.Scale.LINEAR, values, value -> Units.axis(100 * value) + " %"))
                .write(runs, page);
    }

    /** After the start and after every round; NaN where nothing is said. */
    private static double[] each(RunRecord run, ToDoubleFunction<JsonObject> figure) {
        double[] curve = new double[run.rounds().size() + 1];
        curve[0] = Double.NaN;
        for (int i = 0; i < run.rounds().size(); i++) {
            double value = figure.applyAsDouble(run.rounds().get(i));
            curve[i + 1] = Double.isFinite(value) ? value : Double.NaN;
        }
        return curve;
    }

    /** What stays as it is where a round says nothing: all at the start. */
    private static double[] held(RunRecord run, ToDoubleFunction<JsonObject> figure) {
        double[] curve = each(run, figure);
        if (Arrays.stream(curve).anyMatch(Double::isFinite)) {
            curve[0] = 1;
            for (int i = 1; i < curve.length; i++) {
                curve[i] = Double.isFinite(curve[i]) ? curve[i] : curve[i - 1];
            }
        }
        return curve;
    }

    private static double[] cumulative(RunRecord run, ToDoubleFunction<JsonObject> figure) {
        double[] curve = each(run, figure);
        curve[0] = 0;
        for (int i = 1; i < curve.length; i++) {
            curve[i] = curve[i - 1] + (Double.isFinite(curve[i]) ? curve[i] : 0);
        }
        return curve;
    }

    private static double sum(JsonObject round, String name) {
        return JsonMembers.objects(round, "adjustments").stream().mapToDouble(layer -> JsonMembers.number(layer, name)).sum();
    }

    /** From all masks, or, in runs of earlier releases, from what adjustments say. */
    private static double grown(JsonObject round) {
        double grown = JsonMembers.number(round, "masks", "grown");
        return Double.isNaN(grown) ? sum(round, "exchanged") : grown;
    }

    private static double active(JsonObject round) {
        return JsonMembers.objects(round, "layers").stream().mapToDouble(layer -> JsonMembers.number(layer, "kept")).sum();
    }

    private static void table(RunGroup group, Markup page) {
        List<JsonObject> adjusted = group.first().rounds().stream().filter(r -> !JsonMembers.objects(r, "adjustments").isEmpty()).toList();
        if (adjusted.isEmpty()) {
            return;
        }
        page.format("<details><summary>Adjustments of %s%s: %s</summary>", group.name(), group.whichRun(),
                Numbers.counted(adjusted.size(), "round"));
        Tables.open(page, 7);
        page.raw("<tr><th>round<th class=\"word\">layers<th>active in them<th>asked for<th>grown and pruned<th>grown last time<th>of these "
                + "still active</tr>");
        for (JsonObject round : adjusted) {
            List<JsonObject> layers = JsonMembers.objects(round, "adjustments");
            double[] sums = Arrays.stream(new String[] {"kept", "asked", "exchanged", "grownBefore", "survivors"})
                    .mapToDouble(name -> sum(round, name)).toArray();
            page.format("<tr><td>%.0f<td class=\"word\">%s<td>%.0f<td>%.0f<td>%.0f<td>%.0f<td>%.0f</tr>",
                    JsonMembers.number(round, "round"),
                    layers.getFirst().string("name").replace(".weight", "") + (layers.size() > 1 ? " … (" + layers.size() + ")" : ""),
                    sums[0], sums[1], sums[2], sums[3], sums[4]);
        }
        Tables.close(page);
        page.raw("</details>");
    }
}
