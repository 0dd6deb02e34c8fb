package dev.fedtiny.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.experiment.SyntheticRuns;
import dev.fedtiny.experiment.SyntheticRuns.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that is given twice, or was made twice with one seed, is one observation: it makes no mean surer. */
class RepeatedSeedTest {
    @TempDir
    private Path folder;

    /** Two seeds of FedTiny, one of them three times, beside another method. */
    private List<Path> directories() throws IOException {
        List<Path> directories = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            directories.add(new SyntheticRuns(Files.createDirectory(folder.resolve(name)), 4, 4).write("fedtiny", 7, 0.5, End.DONE));
        }
        SyntheticRuns more = new SyntheticRuns(folder.resolve("c"), 4, 4);
        directories.add(more.write("fedtiny", 8, 0.7, End.DONE));
        directories.add(more.write("snip", 7, 0.4, End.DONE));
        return directories;
    }

    @Test
    void countsOnce() throws IOException {
        List<RunRecord> records = new ArrayList<>();
        for (Path directory : directories()) {
            records.add(RunReader.read(directory));
        }
        RunGroup fedtiny = RunGroup.of(records).getFirst();
        assertEquals(5, fedtiny.runs().size() + 1);
        assertEquals(List.of(records.get(0), records.get(3)), fedtiny.counted());
        assertEquals(2, fedtiny.statistics(RunRecord::evaluatedRounds).count());
        assertEquals("2 of 4: 2 of a seed that is there", fedtiny.seeds());
        assertEquals(", seed 7, one of 2", fedtiny.whichRun());
    }

    @Test
    void isSaidOnThePageAndInTheTables() throws IOException {
        List<Path> directories = directories();
        RunReport report = RunReport.read(directories, List.of());
        Path page = folder.resolve("page.html");
        report.html(page);
        String html = Files.readString(page);
        assertTrue(html.contains("<b>the same run as another, seed included</b><td class=\"word\">in " + directories.get(1)), html);
        assertTrue(html.contains("n = 2"), "as many as there are seeds");
        assertTrue(html.contains("the mean of the last 4 rounds"), "no more rounds are said to be in a mean than there are");
        report.csv(folder.resolve("tables"));
        List<String> runs = Files.readAllLines(folder.resolve("tables").resolve("runs.csv"));
        assertEquals(List.of("done", "repeated", "repeated", "done", "done"), runs.stream().skip(1).map(row -> row.split(",")[4]).toList());
        assertTrue(runs.get(1).split(",")[7].equals("4"), runs.get(1));
    }
}
