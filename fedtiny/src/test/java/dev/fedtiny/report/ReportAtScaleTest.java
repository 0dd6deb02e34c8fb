package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.SyntheticRuns;
import dev.fedtiny.experiment.SyntheticRuns.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page about as many methods, seeds, rounds and devices as papers have stays readable, and of a size that a browser opens. */
class ReportAtScaleTest {
    private static final List<String> METHODS = List.of("fedtiny", "fedavg", "fl-pqsu", "snip", "synflow", "prunefl", "feddst",
            "lotteryfl", "fedmef", "fedrts", "fedsgc");

    @TempDir
    private Path folder;

    /** Of the methods two end otherwise in one seed. */
    private String page(int methods, int rounds, int devices) throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, rounds, devices);
        List<Path> directories = new ArrayList<>();
        for (int m = 0; m < methods; m++) {
            for (int seed = 1; seed <= 3; seed++) {
                directories.add(runs.write(METHODS.get(m), seed, 0.7 - 0.02 * m + 0.003 * seed,
                        seed == 3 && m == 1 ? End.DIVERGED : seed == 3 && m == 2 ? End.UNFINISHED : End.DONE));
            }
        }
        Path page = folder.resolve("page.html");
        RunReport report = RunReport.read(directories, List.of());
        report.html(page);
        assertEquals(3 * methods, report.runs());
        return Files.readString(page);
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    private static void check(String html, int methods) {
        assertFalse(html.contains("<circle"), "no dots on lines of more than 60 points");
        assertTrue(html.contains("class=\"band\""), "three seeds have a band");
        assertTrue(html.contains("2 of 3: 1 diverged") && html.contains("2 of 3: 1 unfinished"), "what is not done is marked");
        assertTrue(html.contains("svg class") || html.contains("partial"), "and drawn by itself");
        assertEquals(1, count(html, "<h2>Devices that did not answer"));
        assertEquals(methods, count(html, "<td class=\"word\">OFFLINE"), "hundreds of failures are one row a method");
        String rounds = html.substring(html.indexOf("Accuracy by round<"), html.indexOf("Accuracy by counted work<"));
        for (String method : METHODS.subList(0, methods)) {
            assertTrue(rounds.contains(">" + method + "</text>"), "the legend names " + method);
        }
        assertTrue(rounds.contains("top-1 accuracy on test images") && rounds.contains(">round</text>"), "both axes have titles");
        assertTrue(rounds.contains("Mean over 2 to 3 seeds; band: one standard deviation; dotted: runs that are not done."), rounds);
        assertFalse(html.contains("NaN\"") || html.contains("Infinity") || html.contains("<script"), "nothing is missing");
        assertEquals(count(html, "<svg "), count(html, "</svg>"));
        assertEquals(count(html, "<details>"), count(html, "</details>"));
        assertEquals(count(html, "<table>"), count(html, "</table>"));
    }

    @Test
    void fourMethodsOverManyRounds() throws IOException {
        String html = page(4, 80, 10);
        check(html, 4);
        assertTrue(html.length() < 1_000_000, html.length() + " characters");
        assertTrue(html.contains("Differences in accuracy") && html.contains("too few to say (n = 2)"));
    }

    @Test
    void tenThousandDevicesAreQuantiles() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 3, 10_000);
        Path page = folder.resolve("many.html");
        RunReport.read(List.of(runs.write("fedtiny", 1, 0.5, End.DONE)), List.of()).html(page);
        String html = Files.readString(page);
        assertTrue(html.contains("devices, the last round") && html.contains("<th>median"), "quantiles, not rows");
        assertTrue(html.length() < 1_000_000, html.length() + " characters");
    }

    @Test
    @Tag("long")
    void elevenMethodsThreeSeedsThreeHundredRounds() throws IOException {
        String html = page(11, 300, 10);
        check(html, 11);
        assertTrue(html.length() < 4_000_000, html.length() + " characters");
    }
}
