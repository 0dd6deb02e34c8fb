package dev.fedtiny.benchmarks.charts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.report.StandaloneChart;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** The charts of the documentation: they are SVG, and those in {@code docs/figures} are what the result files give today. */
class ChartsTest {
    private static final Path ROOT = Files.exists(Path.of("results", "peers.csv")) ? Path.of("") : Path.of("..");

    @TempDir
    Path folder;

    @Test
    void everyChartIsWellFormedAndShowsSomething() throws Exception {
        for (Map.Entry<String, String> chart : Charts.all(ROOT).entrySet()) {
            Document svg = DocumentBuilderFactory.newInstance().newDocumentBuilder()
                    .parse(new InputSource(new StringReader(chart.getValue())));
            assertEquals("svg", svg.getDocumentElement().getTagName(), chart.getKey());
            assertTrue(svg.getElementsByTagName("path").getLength() + svg.getElementsByTagName("rect").getLength() > 1, chart.getKey());
            assertFalse(chart.getValue().contains("NaN"), chart.getKey());
        }
    }

    @Test
    void chartsOfTheDocumentationAreThoseOfTheResultFiles() throws IOException {
        for (Map.Entry<String, String> chart : Charts.all(ROOT).entrySet()) {
            // Not assertEquals, which would print both pictures.
            assertTrue(chart.getValue().equals(Files.readString(ROOT.resolve("docs/figures").resolve(chart.getKey()))),
                    chart.getKey() + " is out of date: bin/benchmarks charts");
        }
    }

    private void run(String name, boolean done, double... accuracies) throws IOException {
        Path run = Files.createDirectories(folder.resolve("claim").resolve(name));
        StringBuilder lines = new StringBuilder("{\"event\":\"init\",\"format\":\"fedtiny-metrics-2\",\"accuracy\":0.1}\n");
        for (int i = 0; i < accuracies.length; i++) {
            lines.append("{\"event\":\"round\",\"round\":").append(i + 1)
                    .append(Double.isNaN(accuracies[i]) ? "" : ",\"accuracy\":" + accuracies[i]).append("}\n");
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines + "{\"event\":\"round\",\"rou");
        if (done) {
            Files.writeString(run.resolve("result.json"), "{}");
        }
    }

    /** A line is the mean over seeds; runs that are not finished stand for themselves, and say so. */
    @Test
    void keptRunsBecomeOneLineForAllSeeds() throws IOException {
        assertEquals(List.of(), KeptSweep.all(folder.resolve("claim")));
        run("main/seed-1_fedtiny", true, 0.1, Double.NaN, 0.3);
        run("main/seed-2_fedtiny", true, 0.2, 0.3, 0.5);
        run("main/seed-3_fedtiny", false, 0.25, 0.5);
        run("main/seed-1_begun", false);
        Files.createDirectories(folder.resolve("claim/empty"));
        List<KeptSweep> sweeps = KeptSweep.all(folder.resolve("claim"));
        assertEquals(List.of("main"), sweeps.stream().map(KeptSweep::name).toList());
        List<StandaloneChart.Series> series = sweeps.getFirst().series();
        assertEquals(List.of("fedtiny, 2 seeds", "fedtiny, seed 3, unfinished"),
                series.stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {1, 3}, series.getFirst().x());
        assertArrayEquals(new double[] {15, 40}, series.getFirst().y(), 1e-9);
        assertArrayEquals(new double[] {10, 30}, series.getFirst().low(), 1e-9);
        assertArrayEquals(new double[] {20, 50}, series.getFirst().high(), 1e-9);
        assertArrayEquals(new double[] {25, 50}, series.getLast().y(), 1e-9);
    }

    /** As tables do, which leave out of their means what diverged. */
    @Test
    void aRunThatDivergedIsInNoMean() throws IOException {
        run("main/seed-1_fedtiny", true, 0.1, 0.3);
        run("main/seed-2_fedtiny", true, 0.9, 0.9);
        Files.writeString(folder.resolve("claim/main/seed-2_fedtiny/result.json"), "{\"diverged\":true}");
        run("main/seed-1_snip", true, 0.2, 0.3);
        run("main/seed-2_snip", true, 0.4, 0.5);
        KeptSweep sweep = KeptSweep.all(folder.resolve("claim")).getFirst();
        List<StandaloneChart.Series> series = sweep.series();
        assertEquals(List.of("fedtiny, seed 1", "snip, seed 1", "fedtiny, seed 2, diverged"),
                series.stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {10, 30}, series.getFirst().y(), 1e-9);
        assertEquals(List.of("snip, seed 1"), sweep.leads("fedtiny", 1).stream().map(StandaloneChart.Series::name).toList());
    }

    @Test
    void roundsOfAKeptRunStandInTheirOrderEachOnce() throws IOException {
        run("main/seed-1_fedtiny", true, 0.1, 0.3);
        Path metrics = folder.resolve("claim/main/seed-1_fedtiny/metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics).replace("\"round\":2", "\"round\":1"));
        assertTrue(assertThrows(DataException.class, () -> KeptSweep.all(folder.resolve("claim"))).getMessage()
                .contains("round 1 follows round 1, rounds stand in their order, each once"));
    }

    /** A mean over one seed beside a mean over two would show what seeds differ by for what methods do. */
    @Test
    void linesAreMeansOverTheSeedsThatAllHave() throws IOException {
        run("main/seed-1_fedtiny", true, 0.1, 0.3);
        run("main/seed-1_snip", true, 0.2, 0.4);
        run("main/seed-2_fedtiny", true, 0.4, 0.6);
        List<StandaloneChart.Series> series = KeptSweep.all(folder.resolve("claim")).getFirst().series();
        assertEquals(List.of("fedtiny, seed 1", "snip, seed 1"), series.stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {10, 30}, series.getFirst().y(), 1e-9);
        assertArrayEquals(new double[] {20, 40}, series.getLast().y(), 1e-9);
        run("main/seed-2_snip", true, 0.3, 0.5);
        assertEquals(List.of("fedtiny, 2 seeds", "snip, 2 seeds"), KeptSweep.all(folder.resolve("claim")).getFirst().series().stream()
                .map(StandaloneChart.Series::name).toList());
        run("main/seed-2_other", true, 0.2, 0.2);
        assertEquals(List.of("fedtiny, 2 seeds", "snip, 2 seeds"), KeptSweep.all(folder.resolve("claim")).getFirst().series().stream()
                .map(StandaloneChart.Series::name).toList(), "a line that has only begun");
        run("main/seed-1_other", true, 0.4, 0.4);
        assertEquals(List.of("fedtiny, 2 seeds", "other, 2 seeds", "snip, 2 seeds"), KeptSweep.all(folder.resolve("claim")).getFirst()
                .series().stream().map(StandaloneChart.Series::name).toList());
    }

    /** A grid is read by its values: where does each method do best? */
    @Test
    void accuracyByAValueIsTheMeanOfLastRoundsAndOfSeeds() throws IOException {
        run("grid/learning-rate-0.1_seed-1_fedtiny", true, 0.9, 0.1, 0.3);
        run("grid/learning-rate-0.1_seed-2_fedtiny", true, 0.9, 0.3, 0.5);
        run("grid/learning-rate-0.05_seed-1_fedtiny", true, 0.9, 0.2, 0.6);
        run("grid/learning-rate-0.05_seed-2_fedtiny", true, 0.9, 0.4, 0.4);
        KeptSweep sweep = KeptSweep.all(folder.resolve("claim")).getFirst();
        List<StandaloneChart.Series> lines = sweep.byValue("learning-rate", 2);
        assertEquals(List.of("fedtiny"), lines.stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {0.05, 0.1}, lines.getFirst().x());
        assertArrayEquals(new double[] {40, 30}, lines.getFirst().y(), 1e-9);
        assertEquals(List.of(), sweep.byValue("rate", 2));
        assertEquals(List.of(), sweep.byValue("learning-rate", 4));
        run("grid/learning-rate-0.2_seed-1_snip", true, 0.9, 0.4, 0.4);
        run("grid/learning-rate-0.2_seed-1_fedtiny", false, 0.9, 0.4, 0.4);
        assertEquals(List.of("fedtiny"), sweep.byValue("learning-rate", 2).stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {40, 30}, sweep.byValue("learning-rate", 2).getFirst().y(), 1e-9, "a row that has only begun");
    }

    /** Wherever the setting stands in the name, and where nothing else does. */
    @Test
    void linesByAValueAreCalledByWhatElseTheirRunsDifferIn() throws IOException {
        run("last/snip_learning-rate-1e-3", true, 0.1, 0.3);
        run("last/snip_learning-rate-0.1", true, 0.1, 0.4);
        run("only/learning-rate-0.05", true, 0.1, 0.3);
        run("only/learning-rate-0.1", true, 0.1, 0.4);
        List<List<StandaloneChart.Series>> lines = new ArrayList<>();
        for (KeptSweep sweep : KeptSweep.all(folder.resolve("claim"))) {
            lines.add(sweep.byValue("learning-rate", 1));
        }
        assertEquals(List.of("snip", "only"), lines.stream().map(line -> line.getFirst().name()).toList());
        assertArrayEquals(new double[] {0.001, 0.1}, lines.getFirst().getFirst().x());
    }

    /** Seeds move all methods together; what is between them is seen with each seed by itself. */
    @Test
    void leadsAreOverTheRunOfTheSameSeed() throws IOException {
        run("main/seed-1_fedtiny", true, 0.1, 0.3, 0.2);
        run("main/seed-2_fedtiny", true, 0.4, 0.6, 0.8);
        run("main/seed-1_snip", true, 0.2, 0.4, 0.6);
        run("main/seed-2_snip", true, 0.3, 0.5, 0.8);
        run("main/seed-1_prunefl", true, 0.1, 0.3, 0.2);
        run("main/seed-3_snip", true, 0.3, 0.5, 0.8);
        run("main/seed-2_prunefl", false, 0.3, 0.5, 0.8);
        KeptSweep sweep = KeptSweep.all(folder.resolve("claim")).getFirst();
        List<StandaloneChart.Series> leads = sweep.leads("fedtiny", 2);
        assertEquals(List.of("prunefl, seed 1", "snip, seed 1", "snip, seed 2"), leads.stream().map(StandaloneChart.Series::name).toList());
        assertArrayEquals(new double[] {2, 3}, leads.get(1).x());
        assertArrayEquals(new double[] {0, 0}, leads.get(0).y(), 1e-9);
        assertArrayEquals(new double[] {10, 25}, leads.get(1).y(), 1e-9);
        assertArrayEquals(new double[] {-10, -5}, leads.get(2).y(), 1e-9);
        assertEquals(List.of(), sweep.leads("feddst", 2));
        assertEquals(List.of(), sweep.leads("fedtiny", 3), "one point is no line");
        // Seeds of a method share its colour and differ by their dashes, also in the legend.
        String svg = StandaloneChart.lines("leads", "points", "round", leads);
        for (String line : List.of("<g class=\"c0\">", "<g class=\"c1\">", "<g class=\"c1 d1\">")) {
            assertTrue(svg.contains(line), line);
        }
        assertEquals(3, svg.split("c1 d1|\\.d1 path", -1).length - 1);
        assertFalse(svg.contains("c2 "), svg);
        assertEquals(List.of("seed-1", "seed-1", "seed-2"), leads.stream().map(StandaloneChart.Series::variant).toList());
        assertEquals(List.of("prunefl", "snip", "snip"), leads.stream().map(StandaloneChart.Series::kind).toList());
        for (int method = 0; method < 13; method++) {
            run("main/seed-1_method" + method, true, 0.1, 0.3, 0.2);
        }
        assertEquals(List.of(), sweep.leads("fedtiny", 2), "too many to be told apart");
    }

    @Test
    void tablesWithAMissingCellAreRefusedWithTheLine() throws IOException {
        Path file = Files.writeString(folder.resolve("t.csv"), "# made by hand\nround,a\n1,2\n3\n");
        assertTrue(assertThrows(IOException.class, () -> CsvTable.read(file)).getMessage().contains("'3' has 1 cells, expected 2"));
    }
}
