package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.Runner;
import dev.fedtiny.method.Costs;
import dev.fedtiny.method.FedAvg;
import dev.fedtiny.method.TestResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EqualCostTest {
    @TempDir
    private Path folder;

    /** A run whose rounds cost so much each, with accuracies in percent after the start and after every round; −1: not evaluated. */
    private Path run(String name, int costs, int... accuracies) throws IOException {
        Path run = Files.createDirectory(folder.resolve(name));
        Files.writeString(run.resolve("manifest.json"),
                "{\"format\":\"fedtiny-manifest-2\",\"configuration\":{\"method\":\"fedavg\"},\"seed\":1,\"machine\":{}}");
        List<String> lines = new ArrayList<>();
        for (int round = 0; round < accuracies.length; round++) {
            String accuracy = accuracies[round] < 0 ? "" : ",\"accuracy\":" + accuracies[round] / 100.0;
            lines.add(round == 0 ? "{\"event\":\"init\",\"format\":\"fedtiny-metrics-2\"" + accuracy
                    + ",\"pretraining\":{\"flops\":0,\"bytesDown\":0,\"bytesUp\":0,\"seconds\":0}}"
                    : "{\"event\":\"round\",\"round\":" + round + accuracy + ",\"maxDeviceFlops\":" + 7 * costs
                    + ",\"costs\":{\"flops\":" + costs + ",\"bytesDown\":"
                    + 1_000_000L * costs + ",\"bytesUp\":" + 1_000_000L * costs + ",\"seconds\":" + costs + "}}");
        }
        Files.write(run.resolve("metrics.jsonl"), lines);
        return run;
    }

    private static Runner.Result result(int... accuracies) {
        List<TestResult> curve = new ArrayList<>();
        for (int accuracy : accuracies) {
            curve.add(accuracy < 0 ? TestResult.notEvaluated() : new TestResult(1, accuracy, 100));
        }
        return new Runner.Result(new FedAvg(), 1, curve, Costs.NONE, 1, 1);
    }

    @Test
    void bothCountWithTheMeanOfTheirLastRoundsAndNoneWithItsBest() throws IOException {
        int[] cheap = {10, 40, 50};
        int[] dear = {10, 45, 38, -1, 60};
        String table = EqualCost.table(result(cheap), run("cheap", 5, cheap), result(dear), run("dear", 3, dear));
        List<String> lines = table.lines().toList();
        // Twice 5 pays three rounds of 3, of which the third was not evaluated.
        assertTrue(lines.get(1).matches("bytes sent +20\\.00 MB +45\\.00 % +41\\.50 % +38\\.00 % +3"), table);
        assertTrue(lines.get(2).startsWith("FLOPs") && lines.get(2).endsWith(" 3"), table);
        assertTrue(lines.get(3).matches("device FLOPs +7\\.000e\\+01 +45\\.00 % +41\\.50 % +38\\.00 % +3"), table);
        assertTrue(lines.get(4).matches("time of rounds +10\\.0 s +45\\.00 % +41\\.50 % +38\\.00 % +3"), table);
        assertTrue(lines.get(0).matches("at equal +cost +fedavg +fedavg +its last round +rounds"), table);
        assertTrue(lines.get(5).matches("in the end +45\\.00 % +47\\.67 % +60\\.00 % +4"), table);
        assertFalse(table.contains("best"), table);
        assertTrue(lines.get(6).contains("1.2 times the bytes sent, 1.2 times the FLOPs, 1.2 times the device FLOPs, 1.2 times the time"),
                table);
        assertTrue(lines.get(8).contains("warm-up"), table);
        assertEquals(9, lines.size(), table);
    }

    /** In the report all count alike: with the accuracy that they would have, had they ended at the cost of the cheapest. */
    @Test
    void groupsStandBesideEachOtherAtTheCostOfTheCheapest() throws IOException {
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(named(run("cheap", 5, 10, 40, 50), "snip", "accuracy-rounds\":\"2"),
                named(run("dear", 3, 10, 45, 38, -1, 60, 64), "fedavg", "accuracy-rounds\":\"2")), List.of()).html(page);
        String html = Files.readString(page);
        String section = html.substring(html.indexOf("<h2>At equal cost"), html.indexOf("<h2>Accuracy by round"));
        // Ten buy three rounds of three; the last two of them that were evaluated are 45 and 38 %.
        assertTrue(section.contains("<tr><td>snip<td><b>45.00 %</b><td>2.0"), section);
        assertTrue(section.contains("<tr><td>fedavg<td>41.50 %<td>3.0"), section);
        assertTrue(section.contains("<td>62.00 %</tr>"), "its accuracy in the end");
        assertTrue(section.contains("<th>bytes sent: 20.00 MB<") && section.contains("<th>device FLOPs: 7.000e+01<")
                && section.contains("<th>time of rounds: 10.0 s<"), section);
        assertTrue(section.contains("Least is spent by snip (bytes sent, FLOPs, device FLOPs, time of rounds)."), section);
    }

    /** A start that costs more than all of the cheapest run has no model to show at that cost, and no place among the best. */
    @Test
    void whoCouldNotPayItsStartHadReachedNothing() throws IOException {
        int[] cheap = {10, 40, 50};
        int[] dear = {70, 71};
        Path costly = run("costly", 1, dear);
        Path metrics = costly.resolve("metrics.jsonl");
        Files.writeString(metrics, Files.readString(metrics).replaceFirst("\"flops\":0", "\"flops\":11"));
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(named(run("cheap", 5, cheap), "snip", "rounds\":\"2"), named(costly, "fedavg", "rounds\":\"1")),
                List.of()).html(page);
        String html = Files.readString(page);
        String section = html.substring(html.indexOf("<h2>At equal cost"), html.indexOf("<h2>Accuracy by round"));
        // The other's round costs 2 MB and 1 of FLOPs; 10 of FLOPs do not pay a start of 11.
        assertTrue(section.contains("<th>FLOPs: 1.000e+01<"), section);
        assertTrue(section.contains("<tr><td>fedavg<td><b>71.00 %</b><td>1.0<td>–<td>–<td>"), section);
        assertTrue(section.contains("<tr><td>snip<td>10.00 %<td>0.0<td><b>45.00 %</b><td>2.0<td>"), section);
        String table = EqualCost.table(result(cheap), folder.resolve("cheap"), result(dear), costly);
        assertTrue(table.lines().toList().get(2).matches("FLOPs +1\\.000e\\+01 +45\\.00 % +– +– +–"), table);
    }

    /** Other seeds, fewer rounds, rounds that were not evaluated: the page says how they count. */
    @Test
    void thePageSaysWhatItsFiguresLeaveOut() throws IOException {
        Path page = folder.resolve("page.html");
        Path longer = named(run("long", 3, 10, 45, -1, 60, 64), "fedavg", "rounds\":\"4");
        Path manifest = longer.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"seed\":\"1\"", "\"seed\":\"2\""));
        RunReport.read(List.of(named(run("short", 5, 10, 40), "snip", "rounds\":\"1"), longer), List.of()).html(page);
        String html = Files.readString(page);
        assertTrue(html.contains("seeds on. A run with fewer counts with all of them. Only rounds that were evaluated count. Figures"));
        assertTrue(html.contains("<tr><td>fedavg<td>–<td>–"), html);
        assertTrue(html.contains("or has none of the seeds of the one that spends least"));
    }

    private static Path named(Path run, String method, String setting) throws IOException {
        Path manifest = run.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"method\":\"fedavg\"", "\"method\":\"" + method
                + "\",\"seed\":\"1\",\"" + setting + "\""));
        return run;
    }
}
