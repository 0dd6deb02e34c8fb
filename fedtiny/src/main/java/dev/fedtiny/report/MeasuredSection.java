package dev.fedtiny.report;

import dev.fedtiny.experiment.Program;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The part of the page about what was measured: a step's time, the roofline, memory over a round, counted beside measured. */
final class MeasuredSection {
    private static final double MEBI = 1048576;

    private final List<RunGroup> groups;
    private final List<MeasuredWork> works = new ArrayList<>();
    private final List<String> unmetered = new ArrayList<>();
    private final Markup page;

    private MeasuredSection(ReportRuns runs, Markup page) {
        this.groups = runs.groups();
        this.page = page;
        for (RunGroup group : groups) {
            MeasuredWork work = MeasuredWork.of(group.name() + group.whichRun(), group.first());
            if (work.measured()) {
                works.add(work);
            } else {
                unmetered.add(group.name());
            }
        }
        runs.profiles().forEach((name, profile) -> works.add(MeasuredWork.of(name, profile)));
    }

    /** Writes the sections that there are measurements for, and says of which runs there are none. */
    static Optional<String> write(ReportRuns runs, Markup page) {
        MeasuredSection section = new MeasuredSection(runs, page);
        if (!section.works.isEmpty()) {
            section.step();
            section.roofline();
            section.memory();
            section.counted();
        }
        return section.unmetered.isEmpty() ? Optional.empty() : Optional.of("Where a step's time goes, a roofline, memory over a round, "
                + "counted beside measured: not known of " + section.who() + ", whose devices' work was not measured. Run with --meter (or "
                + "--set meter=on), or give what '" + Program.command("profile", "--json") + "' printed as --profile FILE.");
    }

    private String who() {
        return unmetered.size() == groups.size() ? "any run here" : String.join("; ", unmetered);
    }

    private void step() {
        page.raw("<h2>Where a training step's time goes</h2><p class=\"soft\">Above the whole step, below it its passes, below them the "
                + "operators, each as wide as its "
                + "share of the time; the rest is what lies between operators. Point at a bar for its figures.</p>"
                + "<div class=\"grid2\">");
        for (MeasuredWork work : works) {
            page.format("<figure><figcaption>%s: %s ms a step of %s images (mean of %.0f)</figcaption>", work.name(),
                    Units.fixed(work.stepNanos() / work.steps() / 1e6, 2), Units.fixed(work.images() / work.steps(), 1), work.steps());
            page.raw(FlameChart.draw("time of a training step by pass and operator", flame(work)));
            page.raw(BarChart.draw("time of each pass", Passes.color("rest"), passes(work))).raw("</figure>");
        }
        page.raw("</div>");
    }

    private static double whole(MeasuredWork work) {
        return Math.max(work.stepNanos(), work.operatorNanos());
    }

    private static FlameChart.Bar flame(MeasuredWork work) {
        double whole = whole(work);
        List<FlameChart.Bar> passes = new ArrayList<>();
        work.byPass().forEach((pass, rows) -> {
            List<FlameChart.Bar> parts = rows.stream().sorted(Comparator.comparingDouble(MeasuredWork.Row::nanos).reversed())
                    .map(row -> bar(row.operator(), row.nanos(), work, Passes.color(pass), List.of())).toList();
            passes.add(bar(Passes.words(pass), rows.stream().mapToDouble(MeasuredWork.Row::nanos).sum(), work, Passes.color(pass), parts));
        });
        passes.add(bar("rest", whole - work.operatorNanos(), work, -1, List.of()));
        return bar("step", whole, work, -1, passes);
    }

    private static FlameChart.Bar bar(String name, double nanos, MeasuredWork work, int color, List<FlameChart.Bar> parts) {
        double share = nanos / whole(work);
        return new FlameChart.Bar(name, share, Units.fixed(nanos / work.steps() / 1e6, 3) + " ms, " + Units.percent(share), color, parts);
    }

    private static List<BarChart.Bar> passes(MeasuredWork work) {
        List<BarChart.Bar> bars = new ArrayList<>();
        work.byPass().forEach((pass, rows) -> {
            double nanos = rows.stream().mapToDouble(MeasuredWork.Row::nanos).sum();
            bars.add(new BarChart.Bar(Passes.words(pass), nanos, Double.NaN, Units.percent(nanos / whole(work)), Passes.color(pass)));
        });
        bars.add(new BarChart.Bar("rest", whole(work) - work.operatorNanos(), Double.NaN,
                Units.percent(1 - work.operatorNanos() / whole(work))));
        return bars;
    }

    private void roofline() {
        page.raw("<h2>Roofline</h2><p class=\"soft\">A point is one pass of one operator, its area its share of the step; the line is "
                + "the most this machine does, measured in the same process with the same threads. Passes without multiply-adds have no "
                + "place "
                + "here; those above the slanted line work in caches, which the model of traffic does not know.</p>");
        page.raw("<div class=\"grid2\">");
        works.forEach(this::roofline);
        page.raw("</div>");
    }

    private void roofline(MeasuredWork work) {
        List<MeasuredWork.Row> rows = work.rows().stream().filter(row -> row.usefulMacs() > 0 && row.bytes() > 0 && row.nanos() > 0)
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        page.format("<figure><figcaption>%s</figcaption>", work.name())
                .raw(Roofline.draw("floating-point operations a byte and a second of every operator", rows, work.roof(), whole(work)));
        if (!work.roof().known()) {
            page.raw("<p class=\"soft\">Without a roof: the run ended before the machine's limits were measured, or is of an older "
                    + "release.</p>");
        }
        page.raw("</figure>");
    }

    private void memory() {
        List<MeasuredWork> known = works.stream().filter(work -> !work.phases().isEmpty()).toList();
        if (!known.isEmpty()) {
            page.raw("<h2>Memory over a round</h2><p class=\"soft\">Bytes of all arrays that lived at the moment of each phase when "
                    + "most did, "
                    + "in the session cache or in the device process that needed most; equal to the arrays' lengths. Memory of Java itself "
                    + "is not in it.</p><div class=\"grid2\">");
            for (MeasuredWork work : known) {
                page.format("<figure><figcaption>%s</figcaption>", work.name())
                        .raw(StackChart.draw("live bytes by phase of a round and category", stacks(work))).raw("</figure>");
            }
            page.raw("</div>");
        }
    }

    private static List<StackChart.Row> stacks(MeasuredWork work) {
        List<StackChart.Row> rows = new ArrayList<>();
        Passes.PHASES.stream().filter(work.phases()::containsKey).forEach(phase -> {
            Map<String, Double> bytes = work.phases().get(phase);
            List<StackChart.Part> parts = Passes.CATEGORIES.stream().filter(category -> bytes.getOrDefault(category, 0.0) > 0)
                    .map(category -> new StackChart.Part(Passes.words(category), Passes.categoryColor(category), bytes.get(category),
                            Units.fixed(bytes.get(category) / MEBI, 2) + " MiB")).toList();
            rows.add(new StackChart.Row(Passes.words(phase), parts, Units.fixed(MeasuredWork.sum(bytes) / MEBI, 1) + " MiB"));
        });
        return rows;
    }

    private void counted() {
        List<CountedMeasured> all = groups.stream().map(CountedMeasured::of).filter(CountedMeasured::metered).toList();
        if (!all.isEmpty()) {
            page.raw("<h2>Counted and measured</h2>");
            Tables.open(page, 12);
            page.raw("<tr><th>run<th>FLOPs counted<th>FLOPs measured<th>ratio<th>executed<th>message "
                    + "bytes counted<th>bytes measured<th>ratio<th>ms an image<th>GFLOP/s<th>arrays<th>peak resident</tr>");
            for (CountedMeasured one : all) {
                page.format("<tr><td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>", one.name(),
                        Units.scientific(one.countedFlops()), Units.scientific(one.usefulFlops()),
                        ratio(one.usefulFlops() / one.countedFlops(), 6), ratio(one.executedFlops() / one.usefulFlops(), 2) + " ×",
                        Units.megabytes(Math.round(one.countedBytes())), Units.megabytes(Math.round(one.messageBytes())),
                        ratio(one.messageBytes() / one.countedBytes(), 6), Units.fixed(one.nanosAnImage() / 1e6, 3),
                        Units.fixed(one.usefulFlops() / one.stepNanos(), 2), Units.fixed(one.arrayBytes() / MEBI, 1) + " MiB",
                        Double.isNaN(one.residentBytes()) ? "unknown" : Units.fixed(one.residentBytes() / MEBI, 1) + " MiB");
            }
            Tables.close(page);
            page.raw("<p class=\"soft\">FLOPs: twice the multiply-adds of the metered rounds, counted from the masks and "
                    + "measured as they were handed to the kernels; executed: with padding lanes and, in dense form, pruned positions. "
                    + "Message bytes: lengths of the frames as the traffic counter saw them, and as devices read and wrote them (what "
                    + "devices that were lost had done is missing in the second). Arrays: the most that lived at once in one "
                    + "session cache. "
                    + "Resident: of the device process that needed most, or of the whole simulation.</p>");
            shares(all);
        }
    }

    private static String ratio(double ratio, int digits) {
        return Double.isFinite(ratio) ? Units.fixed(ratio, digits) : "–";
    }

    /** Beside dense FedAvg, where that is on the page. */
    private void shares(List<CountedMeasured> all) {
        CountedMeasured dense = all.stream().filter(CountedMeasured::dense).findFirst().orElse(null);
        if (dense == null || all.size() < 2) {
            page.raw("<p class=\"soft\">With a metered run of dense FedAvg on the page, savings counted and measured would stand "
                    + "here side by side.</p>");
            return;
        }
        page.raw("<div class=\"grid2\">");
        for (CountedMeasured one : all) {
            if (one != dense) {
                double flops = one.countedFlops() / one.images() / (dense.countedFlops() / dense.images());
                double time = one.nanosAnImage() / dense.nanosAnImage();
                page.format("<figure><figcaption>%s: of dense FedAvg; time saved for FLOPs saved %s</figcaption>", one.name(),
                        ratio((1 - time) / (1 - flops), 3));
                page.raw(BarChart.figure("shares of dense training", one.color(), List.of(share("FLOPs, counted", flops),
                        share("time, measured", time), share("arrays, measured", one.arrayBytes() / dense.arrayBytes()),
                        share("resident, measured", one.residentBytes() / dense.residentBytes()), share("bytes sent",
                                one.countedBytes() / one.rounds() / (dense.countedBytes() / dense.rounds()))), one.name(), "dense FedAvg"))
                        .raw("</figure>");
            }
        }
        page.raw("</div>");
    }

    private static BarChart.Bar share(String name, double share) {
        return new BarChart.Bar(name, Double.isFinite(share) ? share : 0, 1, Double.isFinite(share) ? Units.percent(share) : "unknown");
    }
}
