package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.experiment.metrics.RoundFigure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page about runs: complete, well formed, and built from damaged or unfinished directories only as far as they are sound. */
class HtmlReportTest {
    @TempDir
    Path folder;

    private Path run(String name, String method, String density, int seed, double last) throws Exception {
        Path directory = Files.createDirectories(folder.resolve(name));
        Files.writeString(directory.resolve("manifest.json"), """
                {"configuration":{"method":"%s","density":"%s","seed":"%d","data":"a<b"},"seed":%d,"machine":{"processor":"p & q"}}
                """.formatted(method, density, seed, seed));
        String layers = "[{\"name\":\"c.weight\",\"kept\":5,\"size\":50},{\"name\":\"fc.weight\",\"kept\":2,\"size\":40}]";
        Files.writeString(directory.resolve("metrics.jsonl"), """
                {"event":"init","accuracy":0.1,"pretraining":{"flops":1000,"seconds":0.5},"selection":{"chosen":1,"candidates":[{"loss":2.5,"standardError":0.1},{"loss":2.25,"standardError":0.1},{}],"spread":0.25,"standardError":0.1,"costs":{"flops":10,"bytesDown":7,"messages":{"pool":{"frames":1,"bytes":7}},"seconds":1}},"layers":%1$s}
                {"event":"round","round":0,"accuracy":0.3,"density":0.07,"dearestDeviceFlops":50,"costs":{"flops":100,"bytesDown":40,"bytesUp":30,"messages":{"train":{"frames":1,"bytes":40},"update":{"frames":1,"bytes":30}},"seconds":2},"failures":[{"device":3,"cause":"TIMEOUT","reason":"<slow>"}],"adjustments":[],"layers":%1$s}
                {"event":"round","round":1,"accuracy":%2$s,"density":0.07,"maxDeviceFlops":60,"costs":{"flops":120,"bytesDown":40,"bytesUp":36,"messages":{"train":{"frames":1,"bytes":40}},"seconds":2},"adjustments":[{"name":"fc.weight","kept":2,"asked":2,"exchanged":1,"grownBefore":0,"survivors":0}],"layers":%1$s}
                """.formatted(layers, last));
        return directory;
    }

    private static int write(List<Path> directories, List<Path> profiles, Path page) throws IOException {
        RunReport report = RunReport.read(directories, profiles);
        report.html(page);
        return report.runs();
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    @Test
    void aPageHoldsWhatTheRunsHold() throws Exception {
        Path first = run("one", "fedtiny", "0.1", 1, 0.5);
        run("one/fedavg", "fedavg", "1", 1, 0.7);
        Path second = run("two", "fedtiny", "0.1", 2, 0.6);
        Path page = folder.resolve("page.html");
        assertEquals(3, write(List.of(first, second), List.of(), page));
        String two = Files.readString(page);
        assertTrue(two.contains("<td>fedtiny<td>2<td>2<td>42.50 %<td>n = 2"), "one group of two seeds, without a scatter");
        Path third = run("three", "fedtiny", "0.1", 3, 0.55);
        assertEquals(4, write(List.of(first, second, third), List.of(), page));
        String html = Files.readString(page);
        assertTrue(html.contains("<td>42.50 %<td>2.50 %"), "mean of the last rounds over seeds, and their standard deviation");
        assertTrue(html.contains("mean of the last 2 rounds"), "the window is said, no wider than there are rounds");
        assertFalse(html.contains("best"), "no best round");
        assertTrue(html.contains("1.230e+03"), "1000 + 10 + 100 + 120 FLOPs");
        assertTrue(html.contains("equal ones, each measured by itself, span by chance"));
        assertTrue(html.contains("&lt;slow&gt;") && html.contains("a&lt;b") && html.contains("p &amp; q"));
        assertFalse(html.contains("<slow>") || html.contains("<script") || html.contains("http"), "self-contained");
        assertEquals(count(html, "<svg "), count(html, "</svg>"));
        assertEquals(count(html, "<figure>"), count(html, "</figure>"));
        assertTrue(count(html, "<svg ") >= 4 + 2 + 2 + 2, "curves, selections, densities, messages");
        assertFalse(html.contains("NaN\"") || html.contains("Infinity"), "no coordinate is missing");
    }

    /** SNIP and SynFlow choose their masks by scores, which costs FLOPs and time as FedTiny's selection does. */
    @Test
    void whatScoringCostsIsInTheTotals() throws Exception {
        Path directory = run("scored", "snip", "0.1", 1, 0.5);
        Path metrics = directory.resolve("metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics).replaceFirst("\"selection\":.*\"layers\"",
                "\"scoring\":{\"steps\":5,\"samples\":10,\"costs\":{\"flops\":5000,\"seconds\":1}},\"layers\""));
        Path page = folder.resolve("scored.html");
        write(List.of(directory), List.of(), page);
        assertTrue(Files.readString(page).contains("6.220e+03"), "1000 + 5000 + 100 + 120 FLOPs");
    }

    @Test
    void namesStayShortWhereRunsDifferInMuch() throws Exception {
        Path one = run("one", "fedtiny", "0.1", 1, 0.5);
        Path other = run("other", "fedtiny", "0.2", 1, 0.5);
        Path page = folder.resolve("names.html");
        write(List.of(one, other), List.of(), page);
        assertTrue(Files.readString(page).contains("<td>fedtiny, density 0.2<td>"), "what differs names the group");
        Files.writeString(other.resolve("manifest.json"), """
                {"configuration":{"method":"fedtiny","density":"0.2","seed":"1","data":"b","rounds":"9","width":"8","batch":"3"},"seed":1,"machine":{}}
                """);
        write(List.of(one, other), List.of(), page);
        String html = Files.readString(page);
        assertTrue(html.contains("<td>fedtiny, " + other + "<td"), "where that is much, the directory does");
        assertTrue(html.contains("0 of 1: 1 unfinished") && html.contains("unfinished: 2 of 9 rounds"), html);
        assertFalse(html.contains("width 8"), html);
    }

    @Test
    void whatWasMeasuredIsShownAndWhatWasNotIsSaid() throws Exception {
        Path metered = run("metered", "fedtiny", "0.1", 1, 0.5);
        String measured = """
                {"event":"round","round":2,"accuracy":0.5,"costs":{"flops":4000,"bytesDown":40,"bytesUp":36},"adjustments":[],"layers":[],"peakBytes":900,"measured":{"steps":2,"images":16,"stepNanos":1000,"operators":[{"operator":"conv1","pass":"forward","nanos":700,"usefulMacs":2000,"executedMacs":2200,"denseMacs":20000,"trafficBytes":500},{"operator":"train","pass":"decode","nanos":50,"usefulMacs":0,"executedMacs":0,"denseMacs":0,"trafficBytes":40},{"operator":"update","pass":"encode","nanos":50,"usefulMacs":0,"executedMacs":0,"denseMacs":0,"trafficBytes":36}]},"phases":{"encode":{"values":100},"training":{"values":100,"activations":524288}}}
                {"event":"roof","roofGflops":80,"roofGigabytes":10}
                """;
        Files.writeString(metered.resolve("metrics.jsonl"), Files.readString(metered.resolve("metrics.jsonl")) + measured);
        Path page = folder.resolve("measured.html");
        write(List.of(metered, run("plain", "fedavg", "1", 1, 0.5)), List.of(), page);
        String html = Files.readString(page);
        assertTrue(html.contains("conv1: 0.000 ms, 70.00 %"), "the operator in the step");
        assertTrue(html.contains("rest: 0.000 ms, 30.00 %"), "messages are no part of a step");
        assertTrue(html.contains("conv1, forward: 8.00 FLOP/B"), "its point below the roof");
        assertTrue(html.indexOf(">training<") < html.indexOf(">encode<"), "phases in the order of a round");
        assertTrue(html.contains("<td>1.000000<td>1.10 ×"), "4000 FLOPs counted and measured, 4400 executed");
        assertTrue(html.contains("not known of fedavg") && html.contains("--meter"), "and how the other can be measured");
        assertTrue(html.contains("Energy: the kernel&#39;s powercap counters could not be read") && !html.contains("<th>energy"),
                "said once");
        assertFalse(html.contains("NaN\"") || html.contains("Infinity"), "no coordinate is missing");
        String message = assertThrows(DataException.class,
                () -> write(List.of(metered), List.of(metered.resolve("manifest.json")), page)).getMessage();
        assertTrue(message.contains("no profile"), message);
    }

    @Test
    void groupsAreNamedByWhatTellsThemApart() throws Exception {
        List<RunGroup> groups = RunGroup.of(List.of(RunReader.read(run("a", "fedtiny", "0.1", 1, 0.5)),
                RunReader.read(run("b", "fedtiny", "0.01", 1, 0.5)), RunReader.read(run("c", "fedavg", "1", 1, 0.5))));
        assertEquals(List.of("fedtiny, density 0.1", "fedtiny, density 0.01", "fedavg"), groups.stream().map(RunGroup::name).toList());
    }

    private static void manifest(Path run, String members) throws Exception {
        Path file = run.resolve("manifest.json");
        Files.writeString(file, Files.readString(file).replace("\"seed\":\"", members + ",\"seed\":\""));
    }

    private List<RunGroup> groups(Path... runs) throws Exception {
        List<RunRecord> records = new ArrayList<>();
        for (Path run : runs) {
            records.add(RunReader.read(run));
        }
        return RunGroup.of(records);
    }

    /** Where and how fast a run was computed, and what else it wrote: seeds of one configuration are one group all the same. */
    @Test
    void whatNoResultDependsOnTellsNoGroupsApart() throws Exception {
        Path plain = run("plain", "fedtiny", "0.1", 1, 0.5);
        Path other = run("other", "fedtiny", "0.1", 2, 0.6);
        manifest(other, "\"devices-on\":\"process\",\"device-memory\":\"64 MiB\",\"device-processes\":\"3\",\"keep-checkpoint\":\"true\","
                + "\"evaluate-personal\":\"true\",\"keep-best\":\"true\",\"formats\":\"csr\",\"threads\":\"7\",\"cluster\":\"a:1\"");
        assertEquals(1, groups(plain, other).size());
        Path rounded = run("rounded", "fedtiny", "0.1", 3, 0.6);
        manifest(rounded, "\"formats\":\"winograd\"");
        assertEquals(List.of("fedtiny, formats direct", "fedtiny, formats winograd"), groups(plain, other, rounded).stream()
                .map(RunGroup::name).toList());
    }

    /** The same images in two folders are the same, and other images in one folder are others. */
    @Test
    void groupsAreOfTheSameImagesWhereverTheyLie() throws Exception {
        List<Path> runs = new ArrayList<>();
        for (String[] one : new String[][] {{"a", "0123456789ab"}, {"/b", "0123456789ab"}, {"a", "fedcba987654"}}) {
            Path run = run("run" + runs.size(), "fedtiny", "0.1", runs.size(), 0.5);
            Path file = run.resolve("manifest.json");
            Files.writeString(file, Files.readString(file).replace("a<b", one[0]).replace("\"machine\"", "\"data\":{\"hash\":\"" + one[1]
                    + "\"},\"machine\""));
            runs.add(run);
        }
        List<RunGroup> groups = groups(runs.toArray(Path[]::new));
        assertEquals(List.of("fedtiny, data a of hash 01234567", "fedtiny, data a of hash fedcba98"), groups.stream().map(RunGroup::name)
                .toList());
        assertEquals(List.of(2, 1), groups.stream().map(group -> group.runs().size()).toList());
        assertEquals(List.of("fedtiny, data /b", "fedtiny, data a"), groups(runs.get(1), runs.get(2)).stream()
                .map(RunGroup::name).toList());
    }

    /** A mean that goes on over fewer seeds would jump where one of them ends. */
    @Test
    void meansAreOverAllSeedsOrNone() throws Exception {
        Path whole = run("whole", "fedtiny", "0.1", 1, 0.5);
        Path shorter = run("shorter", "fedtiny", "0.1", 2, 0.7);
        Path metrics = shorter.resolve("metrics.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        Files.write(metrics, lines.subList(0, lines.size() - 1));
        RoundFigure accuracy = RoundFigure.ALL.stream().filter(figure -> figure.key().equals("accuracy")).findFirst().orElseThrow();
        Curves curves = new Curves("", Curves.rounds(), new Curves.Scale("", Axis.Scale.LINEAR, run -> run.curve(accuracy),
                Double::toString));
        assertArrayEquals(new double[] {0.1, 0.3}, curves.mean(groups(whole, shorter).getFirst()).y(), 1e-12);
        Path page = folder.resolve("means.html");
        write(List.of(whole, shorter), List.of(), page);
        assertTrue(Files.readString(page).contains("means end with the run that ended first"));
        Files.writeString(metrics, String.join("\n", lines).replaceFirst("\"accuracy\":0.3,", "") + "\n");
        assertArrayEquals(new double[] {0.1, Double.NaN, 0.6}, curves.mean(groups(whole, shorter).getFirst()).y(), 1e-12);
        write(List.of(whole, shorter), List.of(), page);
        assertFalse(Files.readString(page).contains("means end"));
    }

    @Test
    void aRunThatWasCutOffIsReportedAsFarAsItCame() throws Exception {
        Path directory = run("cut", "fedtiny", "0.1", 1, 0.5);
        String metrics = Files.readString(directory.resolve("metrics.jsonl"));
        Files.writeString(directory.resolve("metrics.jsonl"), metrics.substring(0, metrics.length() - 40));
        assertEquals(1, RunReader.read(directory).rounds().size());
        write(List.of(directory), List.of(), folder.resolve("cut.html"));
        Files.delete(directory.resolve("metrics.jsonl"));
        write(List.of(directory), List.of(), folder.resolve("cut.html"));
        Files.writeString(directory.resolve("metrics.jsonl"), "{\"event\":}\n");
        String message = assertThrows(DataException.class,
                () -> write(List.of(directory), List.of(), folder.resolve("bad.html"))).getMessage();
        assertTrue(message.contains("metrics.jsonl"), message);
        assertFalse(Files.exists(folder.resolve("bad.html")), "nothing half-written");
        assertThrows(DataException.class, () -> write(List.of(folder), List.of(), folder.resolve("bad.html")));
    }

    @Test
    void roundsCountFromOneWhateverTheFileCountsFrom() throws Exception {
        Path old = run("old", "fedtiny", "0.1", 1, 0.5);
        Path page = folder.resolve("rounds.html");
        write(List.of(old), List.of(), page);
        String html = Files.readString(page);
        assertTrue(html.contains("<tr><td>2<td class=\"word\">fc"), "the second round adjusted");
        assertTrue(html.contains("<td>fedtiny<td class=\"word\">TIMEOUT<td>1<td>1<td>1 … 1<td"), "in the first a device was lost");
        Path now = run("now", "fedtiny", "0.1", 1, 0.5);
        Path metrics = now.resolve("metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics).replace("\"round\":1,", "\"round\":2,").replace("\"round\":0,", "\"round\":1,")
                .replace("{\"event\":\"init\",", "{\"event\":\"init\",\"format\":\"fedtiny-metrics-2\","));
        write(List.of(now), List.of(), page);
        assertEquals(html.replace(old.toString(), ""), Files.readString(page).replace(now.toString(), ""));
        Files.writeString(metrics, Files.readString(metrics).replace("metrics-2", "metrics-9"));
        String message = assertThrows(DataException.class, () -> write(List.of(now), List.of(), page)).getMessage();
        assertTrue(message.contains("metrics-9") && message.contains(metrics.toString()), message);
    }

    @Test
    void roundsWhoseMetricsAreLostAreSaidAndKeepTheirPlaces() throws Exception {
        Path directory = run("lost", "fedtiny", "0.1", 1, 0.5);
        Path metrics = directory.resolve("metrics.jsonl");
        String last = Files.readAllLines(metrics).stream().filter(line -> line.contains("\"event\":\"round\"")).reduce((a, b) -> b)
                .orElseThrow();
        String renumbered = last.replaceFirst("\"round\":\\d+", "\"round\":5");
        Files.writeString(metrics, "{\"event\":\"lost\",\"format\":\"fedtiny-metrics-2\",\"roundsDone\":4,\"bytes\":10}\n" + renumbered
                + "\n");
        RunRecord record = RunReader.read(directory);
        assertEquals(List.of(5, 4L), List.of(record.rounds().size(), record.lostRounds()));
        assertTrue(Double.isNaN(record.accuracies()[4]) && Double.isFinite(record.accuracies()[5]));
        Path page = folder.resolve("lost.html");
        write(List.of(directory), List.of(), page);
        assertTrue(Files.readString(page).contains("the metrics of 4 of 5 rounds are lost"), Files.readString(page));
    }

    @Test
    void manifestsOfEveryFormAreReadAndLaterOnesRefused() throws Exception {
        Path old = run("texts", "fedtiny", "0.1", 1, 0.5);
        Path now = run("numbers", "fedtiny", "0.1", 2, 0.5);
        Path manifest = now.resolve("manifest.json");
        Files.writeString(manifest, """
                {"format":"fedtiny-manifest-2","program":{"version":"0.2.0","commit":"abc123"},"configuration":{"method":"fedtiny","density":0.1,"seed":2,"data":"a<b","dataset":"auto","progressive":true},"seed":2,"machine":{"processors":2,"fused-multiply-add":true}}
                """);
        List<RunGroup> groups = RunGroup.of(List.of(RunReader.read(old), RunReader.read(now)));
        assertEquals(1, groups.size(), "settings that came later stand at their defaults");
        Path page = folder.resolve("forms.html");
        write(List.of(now), List.of(), page);
        String html = Files.readString(page);
        assertTrue(html.contains("<td>program: commit<td class=\"word\">abc123") && html.contains("<td>progressive<td class=\"word\">true")
                && html.contains("<td>density<td class=\"word\">0.1"), html);
        Files.writeString(manifest, Files.readString(manifest).replace("manifest-2", "manifest-7"));
        String message = assertThrows(DataException.class, () -> RunReader.read(now)).getMessage();
        assertTrue(message.contains("fedtiny-manifest-7") && message.contains(manifest.toString()), message);
    }

    @Test
    void axesCarryRoundTicksInsideTheirRange() {
        for (double[] range : new double[][] {{0, 1}, {0, 0.734}, {2.3143, 2.3621}, {1, 300}, {-3, 5}}) {
            Axis axis = Axis.linear("x", range[0], range[1], Double::toString);
            assertTrue(axis.ticks().size() >= 3 && axis.ticks().size() <= 9, axis.ticks().toString());
            axis.ticks().forEach(t -> assertTrue(t >= range[0] - 1e-9 && t <= range[1] + 1e-9, axis.ticks().toString()));
        }
        for (double[] range : new double[][] {{0.5, 80}, {3, 9}, {1e9, 4e12}, {7, 7}, {1, 1e15}, {3.2e11, 4.1e11}, {1.9e9, 5.2e9}}) {
            Axis axis = Axis.logarithmic("x", range[0], range[1], Double::toString);
            assertTrue(axis.ticks().size() >= 3 && axis.ticks().size() <= 9, axis.ticks().toString());
            axis.ticks().forEach(t -> assertTrue(t >= axis.low() * (1 - 1e-9) && t <= axis.high() * (1 + 1e-9), axis.ticks().toString()));
            assertEquals(range[1] >= 2 * range[0], axis.scale() == Axis.Scale.LOGARITHMIC, "within a factor of two there are no powers");
            assertEquals(range[0] == range[1] ? 0.5 : 0, axis.place(range[0]), 1e-12);
        }
        Axis decades = Axis.logarithmic("FLOPs", 5e9, 4e12, Units::axis);
        assertEquals("FLOPs, log scale", decades.title(), "a logarithmic axis says so");
        assertEquals(5 + 9 + 9 + 4, decades.marks().size(), "from 5e9 to 4e12: " + decades.marks());
        assertEquals("FLOPs", Axis.logarithmic("FLOPs", 3.2e11, 4.1e11, Units::axis).title(), "a linear one does not");
        assertEquals(List.of(), Axis.linear("x", 0, 1, Units::axis).marks());
        assertEquals(List.of(0.0, 1.0, 2.0, 3.0), Axis.of(Axis.Scale.WHOLE, "round", 0, 3, Double::toString).ticks(), "rounds are whole");
        assertEquals(List.of("2.28", "2.285", "2.29", "2.295", "2.3"), Axis.linear("x", 2.279, 2.3, Units::axis).ticks().stream()
                .map(Units::axis).toList(), "ticks that differ are written differently");
        assertThrows(IllegalArgumentException.class, () -> new Axis("x", 1, 1, Axis.Scale.LINEAR, Double::toString));
    }

    /** Labels of ticks lie inside the chart and beside each other, however long they are. */
    @Test
    void labelsOfTicksAreNeitherCutNorOverEachOther() {
        Axis across = Axis.logarithmic("FLOPs", 1.7e10, 3.3e10 + 1e9, value -> Units.axis(value) + "000");
        Axis up = Axis.linear("a share", -0.000_012_345, 0.000_012_345, Units::axis);
        String svg = LineChart.figure("labels", across, up, List.of(new LineChart.Line("a", 0, new double[] {2e10, 3e10}, new double[] {0,
                0})));
        double end = 0;
        Matcher label = Pattern.compile("<text x=\"([0-9.]+)\" y=\"263.0\" text-anchor=\"middle\">([^<]+)").matcher(svg);
        int labels = 0;
        while (label.find()) {
            double half = 3.4 * label.group(2).length();
            assertTrue(Double.parseDouble(label.group(1)) - half >= end && Double.parseDouble(label.group(1)) + half <= 460.5, svg);
            end = Double.parseDouble(label.group(1)) + half;
            labels++;
        }
        assertTrue(labels >= 2, svg);
        Matcher left = Pattern.compile("<text x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"end\">([^<]+)").matcher(svg);
        while (left.find()) {
            assertTrue(Double.parseDouble(left.group(1)) >= 6.5 * left.group(2).length(), svg);
        }
    }
}
