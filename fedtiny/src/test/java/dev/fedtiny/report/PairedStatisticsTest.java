package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Paired differences of whole run directories against a calculation that shares nothing with the one under test. */
class PairedStatisticsTest {
    private static final int ROUNDS = 7;
    private static final int WINDOW = 5;

    @TempDir
    private Path folder;

    private List<double[]> write(String method, int seeds, List<Path> directories) throws IOException {
        SplittableRandom random = new SplittableRandom(method.hashCode());
        List<double[]> curves = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
            double[] curve = new double[ROUNDS];
            List<String> lines = new ArrayList<>(List.of("{\"event\":\"init\",\"format\":\"fedtiny-metrics-2\",\"accuracy\":0.1}"));
            for (int round = 0; round < ROUNDS; round++) {
                curve[round] = 0.4 + 0.1 * random.nextDouble();
                lines.add("{\"event\":\"round\",\"round\":" + (round + 1) + ",\"accuracy\":" + curve[round] + ",\"costs\":{}}");
            }
            directories.add(directory(method, seed, lines));
            curves.add(curve);
        }
        return curves;
    }

    private Path directory(String method, int seed, List<String> lines) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(method + seed));
        Files.writeString(directory.resolve("manifest.json"), "{\"configuration\":{\"method\":\"" + method + "\",\"seed\":\"" + seed
                + "\",\"rounds\":\"" + ROUNDS + "\"},\"seed\":" + seed + "}");
        Files.write(directory.resolve("metrics.jsonl"), lines);
        return directory;
    }

    private static double accuracy(double[] curve) {
        double sum = 0;
        for (int i = ROUNDS - WINDOW; i < ROUNDS; i++) {
            sum += curve[i];
        }
        return sum / WINDOW;
    }

    /** Mean, deviation and ends of the 95 % interval of differences, by the textbook. */
    private static double[] expected(List<double[]> one, List<double[]> other, int pairs) {
        double mean = 0;
        for (int i = 0; i < pairs; i++) {
            mean += (accuracy(one.get(i)) - accuracy(other.get(i))) / pairs;
        }
        double squares = 0;
        for (int i = 0; i < pairs; i++) {
            squares += Math.pow(accuracy(one.get(i)) - accuracy(other.get(i)) - mean, 2);
        }
        double deviation = Math.sqrt(squares / (pairs - 1));
        double half = quantile(0.975, pairs - 1) * deviation / Math.sqrt(pairs);
        return new double[] {mean, deviation, mean - half, mean + half};
    }

    /** Of Student's distribution, by Simpson's rule over its density, with t = tan φ, from which any tail is finite. */
    private static double quantile(double probability, int degrees) {
        double whole = 2 * integral(Math.PI / 2, degrees);
        double low = 0;
        double high = Math.PI / 2;
        for (int i = 0; i < 60; i++) {
            double middle = (low + high) / 2;
            if (0.5 + integral(middle, degrees) / whole < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Math.tan(low);
    }

    /** ∫ (1 + t²/ν)^(−(ν+1)/2) dt from 0 to tan φ. */
    private static double integral(double phi, int degrees) {
        int steps = 2000;
        double sum = 0;
        for (int i = 0; i <= steps; i++) {
            double at = phi * i / steps;
            double cos = Math.cos(at);
            double sin = Math.sin(at);
            double density = Math.pow(cos, degrees - 1) / Math.pow(cos * cos + sin * sin / degrees, (degrees + 1) / 2.0);
            sum += (i == 0 || i == steps ? 1 : i % 2 == 1 ? 4 : 2) * density;
        }
        return sum * phi / steps / 3;
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 10})
    void intervalsAreThoseOfAnIndependentCalculation(int seeds) throws IOException {
        List<Path> directories = new ArrayList<>();
        List<double[]> first = write("snip", seeds, directories);
        List<double[]> second = write("fedtiny", seeds, directories);
        Path tables = folder.resolve("tables");
        RunReport.read(directories, List.of()).csv(tables);
        List<String> rows = Files.readAllLines(tables.resolve("differences.csv"));
        assertEquals("group,against,pairs,accuracy_difference,standard_deviation,interval_low,interval_high", rows.getFirst());
        String[] cells = rows.stream().filter(row -> row.startsWith("fedtiny,snip")).findFirst().orElseThrow().split(",");
        assertEquals("" + seeds, cells[2]);
        double[] expected = expected(second, first, seeds);
        for (int i = 0; i < 4; i++) {
            assertEquals(expected[i], Double.parseDouble(cells[3 + i]), 1e-8, rows.getFirst().split(",")[3 + i]);
        }
    }

    /** Seeds whose run diverged, is unfinished, or was never evaluated are in no pair, and the table says how many there should be. */
    @Test
    void whatIsNotDoneIsInNoPairAndSaid() throws IOException {
        List<Path> directories = new ArrayList<>();
        List<double[]> first = write("snip", 6, directories);
        List<double[]> second = write("fedtiny", 6, directories);
        Path diverged = directories.get(4).resolve("metrics.jsonl");
        Files.writeString(diverged, Files.readString(diverged) + "{\"event\":\"diverged\",\"round\":7,\"reason\":\"the loss is not "
                + "finite\"}\n");
        Path unfinished = directories.get(11).resolve("metrics.jsonl");
        Files.write(unfinished, Files.readAllLines(unfinished).subList(0, 4));
        Path blind = directories.get(9).resolve("metrics.jsonl");
        Files.writeString(blind, Files.readString(blind).replaceAll(",\"accuracy\":[0-9.E-]+", ""));
        RunReport report = RunReport.read(directories, List.of());
        Path tables = folder.resolve("tables");
        report.csv(tables);
        String[] cells = Files.readAllLines(tables.resolve("differences.csv")).stream().filter(row -> row.startsWith("fedtiny,snip"))
                .findFirst().orElseThrow().split(",");
        // Of six seeds, 4 was not evaluated, 5 diverged with the one and 6 is unfinished with the other.
        assertEquals("3", cells[2]);
        double[] expected = expected(second, first, 3);
        assertEquals(expected[0], Double.parseDouble(cells[3]), 1e-8);
        assertEquals(expected[3], Double.parseDouble(cells[6]), 1e-8);
        Path page = folder.resolve("page.html");
        report.html(page);
        String html = Files.readString(page);
        assertTrue(html.contains("<tr><td>fedtiny<td class=\"word\">snip<td>3 of 6<td>"), html);
        assertTrue(html.contains("5 of 6: 1 diverged") && html.contains("5 of 6: 1 unfinished"));
        assertFalse(html.contains("NaN"), "a run that was never evaluated has a dash");
    }

    @Test
    void whatIsShownAsZeroHasNoMinus() {
        assertEquals(List.of("+0.00", "+0.00", "−0.01", "+0.01", "−1.50"), Stream.of(0.0, -1e-17, -0.006, 0.006, -1.5)
                .map(PairedDifference::signed).toList());
    }
}
