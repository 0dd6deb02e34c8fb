package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** How the parts of the model do that classes of devices hold, and what each class has to do. */
final class DeviceClassSection implements Section {
    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        List<RunGroup> groups = runs.groups().stream().filter(group -> !names(group.first()).isEmpty()).toList();
        if (groups.isEmpty()) {
            return Optional.empty();
        }
        page.format("<h2>Classes of devices</h2><p class=\"soft\">Devices of a class hold a part of the one model. Accuracy: of that part "
                + "on %s, %s, mean over the seeds that are done; own models: with running statistics of each device's data, on these "
                + "images weighed by the device's classes. FLOPs and bytes are exact counts of the rounds, of all devices of the "
                + "class.</p>", runs.images(), runs.accuracyWords());
        table(runs, groups, page);
        FigureGrid figures = new FigureGrid();
        groups.forEach(group -> figure(group, figures));
        figures.write(page);
        return Optional.empty();
    }

    /** Densest first; none in a run without classes. */
    private static List<String> names(RunRecord run) {
        return run.rounds().isEmpty() ? List.of() : JsonMembers.objects(run.rounds().getLast(), "deviceClasses").stream()
                .map(one -> one.string("name")).toList();
    }

    private static void table(ReportRuns runs, List<RunGroup> groups, Markup page) {
        boolean recalibrated = groups.stream().anyMatch(group -> group.runs().stream().anyMatch(
                run -> !JsonMembers.objects(run.event("recalibrated"), "deviceClasses").isEmpty()));
        boolean personal = groups.stream().anyMatch(group -> group.runs().stream().anyMatch(
                run -> !JsonMembers.objects(run.event("personal"), "deviceClasses").isEmpty()));
        Tables.open(page, 9);
        page.raw("<tr><th>method<th class=\"word\">class<th>density<th>devices<th>accuracy").raw(recalibrated ? "<th>recalibrated" : "")
                .raw(personal ? "<th>own models" : "").raw("<th>FLOPs<th>max device-round<th>received<th>sent</tr>");
        for (RunGroup group : groups) {
            List<String> names = names(group.first());
            for (int place = 0; place < names.size(); place++) {
                int of = place;
                page.format(place == 0 ? "<tr class=\"first\"><td>%s<td class=\"word\">%s<td>%s<td>%s<td>%s"
                        : "<tr><td>%s<td class=\"word\">%s"
                        + "<td>%s<td>%s<td>%s", group.name(), names.get(place), Units.axis(mean(group, run -> last(run, of, "density"))),
                        Units.fixed(mean(group, run -> devices(run, of)), 0),
                        group.statistics(run -> runs.window().of(curve(run, of, "accuracy"))).percent());
                if (recalibrated) {
                    page.format("<td>%s", group.statistics(run -> member(run.event("recalibrated"), of, "accuracy")).percent());
                }
                if (personal) {
                    page.format("<td>%s", group.statistics(run -> member(run.event("personal"), of, "accuracy")).percent());
                }
                page.format("<td>%s<td>%s<td>%s<td>%s</tr>", Units.scientific(mean(group, run -> sum(run, of, "flops"))),
                        Units.scientific(mean(group, run -> Arrays.stream(curve(run, of, "maxDeviceFlops")).filter(Double::isFinite).max()
                                .orElse(Double.NaN))),
                        Units.megabytes(Math.round(mean(group, run -> sum(run, of, "bytesDown")))),
                        Units.megabytes(Math.round(mean(group, run -> sum(run, of, "bytesUp")))));
            }
        }
        Tables.close(page);
    }

    private static void figure(RunGroup group, FigureGrid figures) {
        RunRecord run = group.first();
        List<String> names = names(run);
        double[] rounds = IntStream.rangeClosed(0, run.rounds().size()).asDoubleStream().toArray();
        List<LineChart.Line> lines = new ArrayList<>();
        for (int place = 0; place < names.size(); place++) {
            lines.add(new LineChart.Line(names.get(place), place, rounds, curve(run, place, "accuracy")));
        }
        double[] known = lines.stream().flatMapToDouble(line -> Arrays.stream(line.y())).filter(Double::isFinite).toArray();
        if (known.length > 0) {
            figures.add(group, "accuracy of each class's part by round", LineChart.figure("accuracy of each class's part by round",
                    Axis.of(Axis.Scale.WHOLE, "round", 0, run.rounds().size(), value -> Long.toString(Math.round(value))),
                    Axis.linear("top-1 accuracy on " + run.images(), Arrays.stream(known).min().getAsDouble(),
                            Arrays.stream(known).max().getAsDouble(), value -> Units.axis(100 * value) + " %"), lines));
        }
    }

    private static double mean(RunGroup group, ToDoubleFunction<RunRecord> figure) {
        return group.counted().isEmpty() ? figure.applyAsDouble(group.first()) : group.mean(figure);
    }

    private static double member(JsonObject line, int place, String name) {
        List<JsonObject> classes = JsonMembers.objects(line, "deviceClasses");
        return place < classes.size() ? JsonMembers.number(classes.get(place), name) : Double.NaN;
    }

    /** After the start and after every round. */
    private static double[] curve(RunRecord run, int place, String name) {
        double[] curve = new double[run.rounds().size() + 1];
        curve[0] = run.start().map(start -> member(start, place, name)).orElse(Double.NaN);
        for (int i = 0; i < run.rounds().size(); i++) {
            curve[i + 1] = member(run.rounds().get(i), place, name);
        }
        return curve;
    }

    private static double last(RunRecord run, int place, String name) {
        return member(run.rounds().getLast(), place, name);
    }

    /** The most that were asked in a round: where devices are sampled, not all are asked in any. */
    private static double devices(RunRecord run, int place) {
        return Arrays.stream(curve(run, place, "devices")).filter(Double::isFinite).max().orElse(Double.NaN);
    }

    private static double sum(RunRecord run, int place, String name) {
        return Arrays.stream(curve(run, place, name)).filter(Double::isFinite).sum();
    }
}
