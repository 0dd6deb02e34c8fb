package dev.fedtiny.report;

import dev.fedtiny.engine.internal.json.JsonObject;
import dev.fedtiny.experiment.metrics.Quantiles;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
        Markup parts = new Markup();
        runs.groups().forEach(group -> devices(group, parts));
        Markup quantiles = new Markup();
        runs.groups().forEach(group -> quantiles(group, quantiles));
        Markup measured = new Markup();
        runs.groups().forEach(group -> processes(group, measured));
        runs.groups().forEach(group -> turns(group, measured));
        if ((parts.toString() + quantiles + measured).isEmpty()) {
            return Optional.of("Figures by device: they stand in metrics.jsonl of runs of this release.");
        }
        page.raw("<h2>By device</h2><p class=\"soft\">Sums over the rounds of one run. FLOPs and bytes are exact counts (requests that were "
                + "answered, and the answers); seconds are what devices measured of their training.</p>");
        page.raw(parts.toString()).raw(quantiles.toString()).raw(measured.toString());
        return Optional.empty();
    }

    private static void devices(RunGroup group, Markup page) {
        List<DeviceFigures> devices = DeviceFigures.of(group.first());
        if (devices.isEmpty()) {
            return;
        }
        List<Figure> known = FIGURES.stream().filter(figure -> devices.stream().mapToDouble(figure.value()).anyMatch(Double::isFinite))
                .toList();
        page.format("<h3>%s%s: %d devices</h3>", group.name(), group.whichRun(), devices.size());
        Tables.open(page);
        page.raw("<tr><th>of all devices");
        known.forEach(figure -> page.format("<th>%s", figure.title()));
        page.raw("</tr>");
        List<Optional<Quantiles>> quantiles = known.stream().map(figure -> quantiles(devices, figure)).toList();
        for (int i = 0; i < Quantiles.NAMES.size(); i++) {
            page.format("<tr><td>%s", Quantiles.NAMES.get(i));
            for (int f = 0; f < known.size(); f++) {
                int at = i;
                cell(known.get(f), quantiles.get(f).map(of -> of.usual()[at]).orElse(Double.NaN), page);
            }
            page.raw("</tr>");
        }
        Tables.close(page);
        page.format("<details><summary>%s</summary>", devices.size() <= MOST_ROWS ? "Every device"
                : "The first " + MOST_ROWS + " devices; all stand in devices.csv");
        Tables.open(page);
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
        List<JsonObject> rounds = group.first().rounds().stream().flatMap(round -> RunRecord.objectsOf(round, "byDeviceQuantiles").stream())
                .toList();
        if (rounds.isEmpty()) {
            return;
        }
        JsonObject last = rounds.getLast();
        page.format("<h3>%s%s: %.0f devices, the last round</h3>", group.name(), group.whichRun(), RunRecord.number(last, "count"));
        Tables.open(page);
        page.raw("<tr><th>figure<th>least<th>10 %<th>25 %<th>median<th>75 %<th>90 %<th>most</tr>");
        for (String figure : List.of("samples", "loss", "flops", "bytesDown", "bytesUp", "seconds")) {
            page.format("<tr><td>%s", figure);
            for (String at : List.of("min", "q10", "q25", "median", "q75", "q90", "max")) {
                double value = RunRecord.number(last, figure, at);
                page.format("<td>%s", Double.isNaN(value) ? "–" : Units.axis(value));
            }
            page.raw("</tr>");
        }
        Tables.close(page);
    }

    private static void processes(RunGroup group, Markup page) {
        List<JsonObject> devices = group.first().deviceProcesses();
        if (devices.isEmpty()) {
            return;
        }
        page.format("<h3>Device processes: %s%s</h3>", group.name(), group.whichRun());
        Tables.open(page);
        page.raw("<tr><th>device<th>heap limit<th>heap used at most<th>peak resident size<th>processes</tr>");
        for (JsonObject device : devices.subList(0, Math.min(MOST_ROWS, devices.size()))) {
            page.format("<tr><td>%.0f<td>%s<td>%s<td>%s<td>%.0f</tr>", RunRecord.number(device, "device"), mebi(device, "heapBytes"),
                    mebi(device, "peakHeapBytes"), mebi(device, "peakResidentBytes"), RunRecord.number(device, "starts"));
        }
        Tables.close(page);
    }

    private static void turns(RunGroup group, Markup page) {
        List<TurnCosts> devices = new ArrayList<>(group.first().turnCosts());
        if (devices.isEmpty()) {
            return;
        }
        page.format("<h3>As devices on the network measured: %s%s</h3>", group.name(), group.whichRun());
        Tables.open(page);
        page.raw("<tr><th>device<th>turns<th>seconds of work<th>received<th>sent<th>heap used at most</tr>");
        for (TurnCosts device : devices.subList(0, Math.min(MOST_ROWS, devices.size()))) {
            page.format("<tr><td>%d<td>%d<td>%s<td>%s<td>%s<td>%s</tr>", device.device(), device.turns(), Units.fixed(device.seconds(), 1),
                    Units.megabytes(Math.round(device.bytesDown())), Units.megabytes(Math.round(device.bytesUp())),
                    Units.fixed(device.heapBytes() / MEBI, 1) + " MiB");
        }
        Tables.close(page);
    }

    private static String mebi(JsonObject object, String name) {
        double bytes = RunRecord.number(object, name);
        return Double.isNaN(bytes) ? "unknown" : Units.fixed(bytes / MEBI, 1) + " MiB";
    }
}
