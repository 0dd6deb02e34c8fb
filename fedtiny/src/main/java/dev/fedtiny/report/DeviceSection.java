package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.metrics.Quantiles;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;

/** What a run costs each of its devices, counted and measured, and how the model does there. */
final class DeviceSection implements Section {
    private static final double MEBI = 1048576;
    private static final int MOST_ROWS = 100;

    /** A figure of devices. */
    private record Figure(String title, ToDoubleFunction<DeviceFigures> value, DoubleFunction<String> text) {
    }

    private static final List<Figure> FIGURES = List.of(
            new Figure("images", DeviceFigures::samples, value -> Units.fixed(value, 0)),
            new Figure("rounds", DeviceFigures::rounds, value -> Units.fixed(value, 0)),
            new Figure("last training loss", DeviceFigures::loss, value -> Units.fixed(value, 4)),
            new Figure("accuracy on its images", DeviceFigures::accuracy, Units::percent),
            new Figure("FLOPs", device -> device.counted()[0], Units::scientific),
            new Figure("received", device -> device.counted()[1], value -> Units.megabytes(Math.round(value))),
            new Figure("sent", device -> device.counted()[2], value -> Units.megabytes(Math.round(value))),
            new Figure("training seconds", DeviceFigures::seconds, value -> Units.fixed(value, 1)));

    @Override
    public Optional<String> write(ReportRuns runs, Markup page) {
        Map<RunGroup, List<DeviceFigures>> devices = new LinkedHashMap<>();
        runs.groups().forEach(group -> devices.put(group, DeviceFigures.of(group.first())));
        devices.values().removeIf(List::isEmpty);
        Markup others = new Markup();
        runs.groups().forEach(group -> quantiles(group, others));
        runs.groups().forEach(group -> processes(group, others));
        runs.groups().forEach(group -> turns(group, others));
        if (devices.isEmpty() && others.toString().isEmpty()) {
            return Optional.of("Figures by device: they stand in metrics.jsonl of runs of this release.");
        }
        page.raw("<h2>By device</h2>");
        if (!devices.isEmpty()) {
            medians(devices, page);
            devices.forEach((group, all) -> every(group, all, page));
        }
        page.raw(others.toString());
        return Optional.empty();
    }

    /** Of every group the middle device, and between which figures all lie. */
    private static void medians(Map<RunGroup, List<DeviceFigures>> devices, Markup page) {
        List<Figure> known = FIGURES.stream().filter(figure -> devices.values().stream().flatMap(List::stream)
                .mapToDouble(figure.value()).anyMatch(Double::isFinite)).toList();
        page.raw("<p class=\"soft\">The middle device, and the least and the most in brackets; sums over the rounds of one run. FLOPs "
                + "and bytes are exact counts (requests that were answered, and the answers); seconds are what devices measured of their "
                + "training, the virtual machine's warm-up in the first rounds included.</p>");
        Tables.open(page, 2 * known.size());
        page.raw("<tr><th>method<th>devices");
        known.forEach(figure -> page.format("<th>%s", figure.title()));
        page.raw("</tr>");
        devices.forEach((group, all) -> {
            page.format("<tr><td>%s<td>%d", group.name() + group.whichRun(), all.size());
            known.forEach(figure -> page.format("<td>%s", quantiles(all, figure).map(of -> figure.text().apply(of.at(0.5)) + " ("
                    + figure.text().apply(of.at(0)) + " … " + figure.text().apply(of.at(1)) + ")").orElse("–")));
            page.raw("</tr>");
        });
        Tables.close(page);
    }

    private static void every(RunGroup group, List<DeviceFigures> devices, Markup page) {
        List<Figure> known = FIGURES.stream().filter(figure -> devices.stream().mapToDouble(figure.value()).anyMatch(Double::isFinite))
                .toList();
        page.format("<details><summary>%s%s: %s</summary>", group.name(), group.whichRun(), devices.size() <= MOST_ROWS ? "every device"
                : "the first " + MOST_ROWS + " devices; all stand in devices.csv");
        Tables.open(page, 1 + known.size());
        page.raw("<tr><th>device");
        known.forEach(figure -> page.format("<th>%s", figure.title()));
        page.raw("</tr>");
        for (DeviceFigures device : devices.subList(0, Math.min(MOST_ROWS, devices.size()))) {
            page.format("<tr><td>%d", device.device());
            known.forEach(figure -> cell(figure, figure.value().applyAsDouble(device), page));
            page.raw("</tr>");
        }
        Tables.close(page);
        page.raw("</details>");
    }

    private static Optional<Quantiles> quantiles(List<DeviceFigures> devices, Figure figure) {
        double[] values = devices.stream().mapToDouble(figure.value()).filter(Double::isFinite).toArray();
        return values.length == 0 ? Optional.empty() : Optional.of(Quantiles.of(Arrays.stream(values)));
    }

    private static void cell(Figure figure, double value, Markup page) {
        page.format("<td>%s", Double.isNaN(value) ? "–" : figure.text().apply(value));
    }

    /** Of the last round, where there were too many devices for rows. */
    private static void quantiles(RunGroup group, Markup page) {
        List<JsonObject> rounds = group.first().rounds().stream().flatMap(round -> JsonMembers.object(round, "byDeviceQuantiles").stream())
                .toList();
        if (rounds.isEmpty()) {
            return;
        }
        JsonObject last = rounds.getLast();
        page.format("<h3>%s%s: %.0f devices, the last round</h3>", group.name(), group.whichRun(), JsonMembers.number(last, "count"));
        Tables.open(page, 8);
        page.raw("<tr><th>figure<th>least<th>10 %<th>25 %<th>median<th>75 %<th>90 %<th>most</tr>");
        for (String figure : List.of("samples", "loss", "flops", "bytesDown", "bytesUp", "seconds")) {
            page.format("<tr><td>%s", figure);
            for (String at : List.of("min", "q10", "q25", "median", "q75", "q90", "max")) {
                double value = JsonMembers.number(last, figure, at);
                page.format("<td>%s", Double.isNaN(value) ? "–" : Units.axis(value));
            }
            page.raw("</tr>");
        }
        Tables.close(page);
    }

    private static void processes(RunGroup group, Markup page) {
        List<JsonObject> devices = group.first().deviceProcesses();
        List<JsonObject> pool = JsonMembers.objects(group.first().event("devices"), "processes");
        if (devices.isEmpty() && pool.isEmpty()) {
            return;
        }
        page.format("<h3>Device processes: %s%s</h3>", group.name(), group.whichRun());
        Tables.open(page, 5);
        page.raw("<tr><th>device or process<th>heap limit<th>heap used at most<th>peak resident size<th>starts</tr>");
        devices.subList(0, Math.min(MOST_ROWS, devices.size())).forEach(device -> process("device ", "device", device, page));
        pool.subList(0, Math.min(MOST_ROWS, pool.size())).forEach(process -> process("process ", "process", process, page));
        Tables.close(page);
    }

    private static void process(String words, String number, JsonObject of, Markup page) {
        page.format("<tr><td>%s<td>%s<td>%s<td>%s<td>%.0f</tr>", words + Units.fixed(JsonMembers.number(of, number), 0),
                mebi(of, "heapBytes"), mebi(of, "peakHeapBytes"), mebi(of, "peakResidentBytes"), JsonMembers.number(of, "starts"));
    }

    private static void turns(RunGroup group, Markup page) {
        RunRecord run = group.first();
        List<TurnCosts> devices = run.turnCosts();
        if (devices.isEmpty()) {
            return;
        }
        Map<Integer, DeviceFigures> counted = new HashMap<>();
        DeviceFigures.of(run).forEach(device -> counted.put(device.device(), device));
        page.format("<h3>As devices on the network measured: %s%s</h3>", group.name(), group.whichRun());
        page.raw("<p class=\"soft\">Measured: what devices say of every turn, stage one and turns that were done twice included, and "
                + "believed "
                + "by nobody. Counted: what the server knows of the rounds. Seconds are of a turn's whole work, the warm-up of the "
                + "device's virtual machine included; the server's are those of rounds.</p>");
        Tables.open(page, 9);
        page.raw("<tr><th>device<th>turns<th>seconds<th>FLOPs, counted<th>received, measured<th>counted<th>sent, measured<th>counted"
                + "<th>heap used at most</tr>");
        server(run, counted, page);
        for (TurnCosts device : devices.subList(0, Math.min(MOST_ROWS, devices.size()))) {
            double[] known = Optional.ofNullable(counted.get(device.device())).map(DeviceFigures::counted)
                    .orElse(new double[] {Double.NaN, Double.NaN, Double.NaN});
            page.format("<tr><td>%d<td>%d<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>", device.device(), device.turns(),
                    Units.fixed(device.seconds(), 1), Double.isNaN(known[0]) ? "–" : Units.scientific(known[0]),
                    megabytes(device.bytesDown()), megabytes(known[1]), megabytes(device.bytesUp()), megabytes(known[2]),
                    Units.fixed(device.heapBytes() / MEBI, 1) + " MiB");
        }
        Tables.close(page);
    }

    /** What is not the devices': pretraining, choice of the mask, averages. */
    private static void server(RunRecord run, Map<Integer, DeviceFigures> devices, Markup page) {
        double ofDevices = devices.values().stream().mapToDouble(device -> device.counted()[0]).sum();
        page.format("<tr><td>server<td>%d rounds<td>%s<td>%s<td>–<td>%s<td>–<td>%s<td>–</tr>", run.rounds().size(),
                Units.fixed(run.total(RunRecord.Cost.SECONDS), 1), Units.scientific(run.total(RunRecord.Cost.FLOPS) - ofDevices),
                megabytes(run.total(RunRecord.Cost.BYTES_UP)), megabytes(run.total(RunRecord.Cost.BYTES_DOWN)));
    }

    private static String megabytes(double bytes) {
        return Double.isNaN(bytes) ? "–" : Units.megabytes(Math.round(bytes));
    }

    private static String mebi(JsonObject object, String name) {
        double bytes = JsonMembers.number(object, name);
        return Double.isNaN(bytes) ? "unknown" : Units.fixed(bytes / MEBI, 1) + " MiB";
    }
}
