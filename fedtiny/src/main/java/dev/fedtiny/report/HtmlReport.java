package dev.fedtiny.report;

import dev.fedtiny.data.DataException;
import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.engine.io.AtomicFile;
import dev.fedtiny.report.RunRecord.Cost;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/**
 * One self-contained page about one or more runs: comparison, accuracy by round and by cost, selection, density of the layers,
 * adjustments, messages. No scripts and nothing from elsewhere; light and dark; readable on a phone and in print.
 */
public final class HtmlReport {
    private static final String SETTING = "<tr><td>%s<td class=\"word\">%s</tr>";

    private final List<RunGroup> groups;
    private final Markup page = new Markup();
    private final CostReport costs;

    private HtmlReport(List<RunRecord> runs, Map<String, JsonObject> profiles) {
        this.groups = RunGroup.of(runs);
        this.costs = new CostReport(groups, profiles, page);
    }

    /**
     * Writes the page; under its name only when it is complete.
     *
     * @param directories run directories; a baseline nested in one of them is taken along
     * @param profiles files of what {@code profile --json} printed, shown beside the runs
     * @param file where the page goes; its folder must exist
     * @return how many runs it is about
     * @throws DataException if a directory holds no run or a damaged one
     * @throws IOException if a file cannot be read, or the page not be written
     */
    public static int write(List<Path> directories, List<Path> profiles, Path file) throws IOException {
        List<RunRecord> runs = new ArrayList<>();
        for (Path directory : directories) {
            runs.add(RunRecord.read(directory));
            try (Stream<Path> inside = Files.list(directory)) {
                for (Path nested : inside.filter(RunRecord::isRun).sorted().toList()) {
                    runs.add(RunRecord.read(nested));
                }
            }
        }
        if (runs.isEmpty()) {
            throw new DataException("no run directory was given");
        }
        Map<String, JsonObject> profiled = new LinkedHashMap<>();
        for (Path profile : profiles) {
            profiled.put(String.valueOf(profile.getFileName()), RunRecord.profile(profile));
        }
        AtomicFile.write(file, new HtmlReport(runs, profiled).build());
        return runs.size();
    }

    private String build() {
        page.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        page.format("<title>%s</title><style>", title()).raw(Palette.style()).raw("</style></head><body>");
        page.format("<h1>%s</h1>", title());
        page.format("<p class=\"soft\">%s</p>", origin(groups.getFirst().first()));
        legend();
        divergences();
        comparison();
        curves();
        AccuracyCosts.write(groups, page);
        groups.forEach(this::selection);
        layers();
        groups.forEach(this::adjustments);
        messages();
        costs.write();
        losses();
        settings();
        return page.raw("</body></html>\n").toString();
    }

    private String title() {
        return "Federated pruning: " + String.join(", ", groups.stream().map(g -> g.first().method()).distinct().toList());
    }

    private static String origin(RunRecord run) {
        Map<String, String> machine = run.strings("machine");
        return run.strings("data").getOrDefault("train", "") + " · " + machine.getOrDefault("processor", "") + ", "
                + machine.getOrDefault("processors", "?") + " processors · " + machine.getOrDefault("java", "") + " · "
                + machine.getOrDefault("kernels", "") + " kernels";
    }

    private void legend() {
        page.raw("<ul class=\"legend\">");
        groups.forEach(g -> page.format("<li class=\"c%d\"><span>%s%s</span></li>", g.color() % Palette.COLORS, g.name(),
                g.runs().size() > 1 ? " (" + g.runs().size() + " seeds)" : ""));
        page.raw("</ul>");
    }

    /** Runs that ended early, and rounds whose outcome was thrown away: whoever reads the figures must know. */
    private void divergences() {
        Markup rows = new Markup();
        for (RunGroup g : groups) {
            for (RunRecord run : g.runs()) {
                for (JsonObject round : run.rounds()) {
                    RunRecord.objectsOf(round, "wentBack").forEach(back -> rows.format("<tr><td>%s<td>%.0f<td class=\"word\">went back to "
                            + "the model before<td class=\"word\">%s</tr>", g.name(), RunRecord.number(round, "round"),
                            back.string("reason")));
                }
                run.divergence().ifPresent(end -> rows.format("<tr><td>%s<td>%.0f<td class=\"word\"><b>diverged: the run ended"
                        + "</b><td class=\"word\">%s</tr>", g.name(), RunRecord.number(end, "round"), end.string("reason")));
            }
        }
        if (!rows.toString().isEmpty()) {
            page.raw("<h2>Runs that diverged</h2><p class=\"soft\">Figures below are of the last good round.</p><div class=\"scroll\">"
                    + "<table><tr><th>run<th>round<th class=\"word\">what happened<th class=\"word\">reason</tr>")
                    .raw(rows.toString()).raw("</table></div>");
        }
    }

    private static double last(double[] values) {
        return values[values.length - 1];
    }

    private static double bytes(RunRecord run) {
        return last(run.spent(Cost.BYTES_DOWN)) + last(run.spent(Cost.BYTES_UP));
    }

    private static double density(RunRecord run) {
        return run.rounds().isEmpty() ? Double.NaN : RunRecord.number(run.rounds().getLast(), "density");
    }

    /** Of a round's line; runs of version 0.1 name it {@code dearestDeviceFlops}. */
    private static double maxDeviceFlops(JsonObject round) {
        return RunRecord.number(round, round.find("maxDeviceFlops").isPresent() ? "maxDeviceFlops" : "dearestDeviceFlops");
    }

    private static double largest(RunRecord run) {
        return run.rounds().stream().mapToDouble(HtmlReport::maxDeviceFlops).max().orElse(Double.NaN);
    }

    private void comparison() {
        double dense = groups.stream().filter(g -> g.first().method().equals("fedavg")).mapToDouble(g -> g.mean(HtmlReport::largest)).max()
                .orElse(Double.NaN);
        page.raw("<h2>Comparison</h2><div class=\"scroll\"><table><tr><th>method<th>rounds<th>top-1<th>best<th>density<th>FLOPs<th>"
                + "max device-round<th>of dense<th>sent down<th>sent up<th>seconds</tr>");
        for (RunGroup g : groups) {
            double largest = g.mean(HtmlReport::largest);
            page.format("<tr><td>%s<td>%d<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>",
                    g.name() + (g.runs().stream().anyMatch(run -> run.divergence().isPresent()) ? " (diverged)" : ""),
                    g.first().rounds().size(),
                    Units.percent(g.mean(r -> last(r.accuracies()))) + (g.runs().size() >= Repetitions.FOR_DEVIATION
                            ? " ± " + Units.fixed(50 * g.spread(r -> last(r.accuracies())), 2) : ""),
                    Units.percent(g.mean(r -> Arrays.stream(r.accuracies()).filter(Double::isFinite).max().orElse(Double.NaN))),
                    Units.fixed(g.mean(HtmlReport::density), 4), Units.scientific(g.mean(r -> last(r.spent(Cost.FLOPS)))),
                    Units.scientific(largest), Double.isNaN(dense) ? "–" : Units.fixed(largest / dense, 4),
                    Units.megabytes(Math.round(g.mean(r -> last(r.spent(Cost.BYTES_DOWN))))),
                    Units.megabytes(Math.round(g.mean(r -> last(r.spent(Cost.BYTES_UP))))),
                            Units.fixed(g.mean(r -> last(r.spent(Cost.SECONDS))), 1));
        }
        page.raw("</table></div><p class=\"soft\">Top-1 on the test set after the last round (± half the range over seeds, from three on); "
                + "FLOPs are exact counts of all devices and the server, pretraining and choice of the mask included; the largest "
                + "device-round is "
                + ""
                + "the most one device had to do in one round; seconds are measured wall time of pretraining, choice of the mask "
                + "and rounds, "
                + "evaluation not included.</p>");
        groups.stream().flatMap(g -> g.runs().stream()).filter(run -> run.lostRounds() > 0).forEach(run -> page.format("<p>Of the run in "
                + "%s the metrics of %d of %d rounds are lost: they are missing from the curves, and FLOPs, bytes and seconds are those of "
                + "the rounds that are left.</p>", run.directory(), run.lostRounds(), run.rounds().size()));
    }

    private void curves() {
        page.raw("<h2>Accuracy by round and by cost</h2><div class=\"grid2\">");
        curve("by round", "round", Axis.Scale.LINEAR, run -> {
            double[] rounds = new double[run.rounds().size() + 1];
            Arrays.setAll(rounds, i -> i);
            return rounds;
        }, value -> Long.toString(Math.round(value)));
        curve("by counted work", "FLOPs, all devices and the server", Axis.Scale.LOGARITHMIC, run -> run.spent(Cost.FLOPS),
                value -> String.format(Locale.ROOT, "%.0e", value).replace("e+", "e"));
        curve("by communication", "MB sent, both ways", Axis.Scale.LOGARITHMIC, run -> {
            double[] down = run.spent(Cost.BYTES_DOWN);
            double[] up = run.spent(Cost.BYTES_UP);
            double[] both = new double[down.length];
            Arrays.setAll(both, i -> (down[i] + up[i]) / 1e6);
            return both;
        }, HtmlReport::shortNumber);
        curve("by measured time", "seconds", Axis.Scale.LOGARITHMIC, run -> run.spent(Cost.SECONDS), HtmlReport::shortNumber);
        page.raw("</div>");
    }

    private static String shortNumber(double value) {
        return value >= 1 ? Long.toString(Math.round(value)) : String.format(Locale.ROOT, "%.2g", value);
    }

    /** The horizontal figure of a run, one value an accuracy. */
    private interface Horizontal {
        double[] of(RunRecord run);
    }

    private void curve(String caption, String title, Axis.Scale scale, Horizontal horizontal, DoubleFunction<String> label) {
        List<LineChart.Line> lines = new ArrayList<>();
        for (RunGroup g : groups) {
            g.runs().forEach(run -> lines.add(new LineChart.Line(g.name(), g.color(), horizontal.of(run), run.accuracies())));
        }
        double[] x = lines.stream().flatMapToDouble(l -> Arrays.stream(l.x())).filter(v -> scale == Axis.Scale.LINEAR || v > 0).toArray();
        double[] y = lines.stream().flatMapToDouble(l -> Arrays.stream(l.y())).filter(Double::isFinite).toArray();
        if (x.length == 0 || y.length == 0) {
            return;
        }
        double smallest = Arrays.stream(x).min().getAsDouble();
        double largest = Arrays.stream(x).max().getAsDouble();
        Axis across = scale == Axis.Scale.LINEAR ? Axis.linear(title, smallest, largest, label) : Axis.logarithmic(title, smallest, largest,
                label);
        Axis up = Axis.linear("top-1", 0, Math.max(0.01, Arrays.stream(y).max().getAsDouble()), value -> Math.round(100 * value) + " %");
        page.format("<figure><figcaption>Top-1 accuracy %s</figcaption>", caption)
                .raw(LineChart.draw("accuracy " + caption, across, up, lines)).raw("</figure>");
    }

    private void selection(RunGroup group) {
        JsonObject start = group.first().start().orElse(null);
        if (start == null || !(start.find("selection").orElse(null) instanceof JsonObject selection)) {
            return;
        }
        List<JsonObject> candidates = RunRecord.objects(selection, "candidates");
        int chosen = (int) RunRecord.number(selection, "chosen");
        List<DotChart.Dot> dots = new ArrayList<>();
        for (int c = 0; c < candidates.size(); c++) {
            double loss = RunRecord.number(candidates.get(c), "loss");
            dots.add(new DotChart.Dot("candidate " + (c + 1), loss, RunRecord.number(candidates.get(c), "standardError"),
                    Double.isNaN(loss) ? "not finite" : Units.fixed(loss, 4), c == chosen));
        }
        double spread = RunRecord.number(selection, "spread");
        double error = RunRecord.number(selection, "standardError");
        page.format("<h2>Selection of the first mask: %s</h2><figure><figcaption>Mean loss of every candidate "
                + "± its standard error</figcaption>", group.name())
                .raw(DotChart.draw("losses of the candidates", group.color(), dots)).raw("</figure>");
        page.format("<p class=\"soft\">The losses span %s, their standard error is %s: %s.</p>", Units.fixed(spread, 4), Units.fixed(error,
                4),
                dots.size() < 2 ? "one candidate, so there was no choice" : spread > error ? "the choice rests on a signal"
                        : "the choice was a coin toss");
    }

    private void layers() {
        page.raw("<h2>Density of the layers</h2><p class=\"soft\">Solid: after the last round; pale, where it differs: at the "
                + "start.</p><div class=\"grid2\">");
        for (RunGroup g : groups) {
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
            page.format("<figure><figcaption>%s</figcaption>", g.name()).raw(BarChart.draw("density of each layer", g.color(), bars))
                    .raw("</figure>");
        }
        page.raw("</div>");
    }

    private static double share(JsonObject layer) {
        return RunRecord.number(layer, "kept") / RunRecord.number(layer, "size");
    }

    private void adjustments(RunGroup group) {
        List<JsonObject> adjusted = group.first().rounds().stream().filter(r -> !RunRecord.objects(r, "adjustments").isEmpty()).toList();
        if (adjusted.isEmpty()) {
            return;
        }
        page.format("<h2>Adjustments: %s</h2><div class=\"scroll\"><table><tr><th>round<th class=\"word\">layers<th>kept in them"
                + "<th>asked for<th>grown and pruned<th>"
                + "grown last time<th>of these still kept</tr>", group.name());
        for (JsonObject round : adjusted) {
            List<JsonObject> layers = RunRecord.objects(round, "adjustments");
            page.format("<tr><td>%.0f<td class=\"word\">%s<td>%.0f<td>%.0f<td>%.0f<td>%.0f<td>%.0f</tr>", RunRecord.number(round, "round"),
                    layers.getFirst().string("name").replace(".weight", "") + (layers.size() > 1 ? " … (" + layers.size() + ")" : ""),
                    sum(layers, "kept"), sum(layers, "asked"), sum(layers, "exchanged"), sum(layers, "grownBefore"), sum(layers,
                            "survivors"));
        }
        page.raw("</table></div>");
    }

    private static double sum(List<JsonObject> objects, String name) {
        return objects.stream().mapToDouble(o -> RunRecord.number(o, name)).sum();
    }

    private void messages() {
        page.raw("<h2>Bytes by kind of message</h2><div class=\"grid2\">");
        for (RunGroup g : groups) {
            List<BarChart.Bar> bars = g.first().bytesByKind().entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(e -> new BarChart.Bar(e.getKey().replace('_', ' '), e.getValue(), Double.NaN,
                            Units.bytes(Math.round(e.getValue())))).toList();
            if (!bars.isEmpty()) {
                page.format("<figure><figcaption>%s: %s in all</figcaption>", g.name(), Units.megabytes(Math.round(bytes(g.first()))))
                        .raw(BarChart.draw("bytes by kind of message", g.color(), bars)).raw("</figure>");
            }
        }
        page.raw("</div>");
    }

    /** Devices that did not answer. */
    private void losses() {
        Markup rows = new Markup();
        for (RunGroup g : groups) {
            for (JsonObject round : g.first().rounds()) {
                for (JsonObject failure : RunRecord.objects(round, "failures")) {
                    rows.format("<tr><td>%s<td>%.0f<td>%.0f<td class=\"word\">%s<td class=\"word\">%s</tr>", g.name(),
                            RunRecord.number(round, "round"),
                            RunRecord.number(failure, "device"), failure.string("cause"), failure.string("reason"));
                }
            }
        }
        if (!rows.toString().isEmpty()) {
            page.raw("<h2>Devices that were lost</h2><div class=\"scroll\"><table><tr><th>run<th>round<th>device"
                    + "<th class=\"word\">cause<th class=\"word\">reason</tr>")
                    .raw(rows.toString()).raw("</table></div>");
        }
    }

    private void settings() {
        page.raw("<h2>Settings</h2>");
        for (RunGroup g : groups) {
            page.format("<details><summary>%s: %s</summary><div class=\"scroll\"><table>", g.name(),
                    String.join(", ", g.runs().stream().map(r -> r.directory().toString()).toList()));
            g.first().strings("program").forEach((key, value) -> page.format(SETTING, key, value));
            g.first().configuration().forEach((key, value) -> page.format(SETTING, key, value));
            g.first().strings("machine").forEach((key, value) -> page.format(SETTING, key, value));
            page.raw("</table></div></details>");
        }
    }
}
