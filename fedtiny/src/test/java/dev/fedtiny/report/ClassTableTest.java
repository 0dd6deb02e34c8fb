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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassTableTest {
    @TempDir
    private Path folder;

    /** A row is one class: runs on data with other classes stand in a table of their own. */
    @Test
    void everyTableHasTheClassesOfItsRuns() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 2, 2);
        Path other = runs.write("snip", 1, 0.5, End.DONE);
        Path manifest = other.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("Trouser", "Jeans"));
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(runs.write("fedtiny", 1, 0.6, End.DONE), other, runs.write("fedavg", 1, 0.6, End.DONE)), List.of())
                .html(page);
        String html = Files.readString(page);
        String[] tables = html.substring(html.indexOf("<h2>By class"), html.indexOf("<h3>Which class")).split("<tr><th>class");
        assertEquals(3, tables.length, "two tables");
        assertTrue(tables[1].startsWith("<th>fedtiny<th>fedavg") && tables[1].contains("<td>Trouser"), tables[1]);
        assertTrue(tables[2].startsWith("<th>snip") && tables[2].contains("<td>Jeans") && !tables[2].contains("<b>"), tables[2]);
    }

    /** A run that is not done is in no mean, and so it is not the best of anything, either. */
    @Test
    void whatIsNotDoneIsNamedAndNeverInBold() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 2, 2);
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(runs.write("fedtiny", 1, 0.3, End.DONE), runs.write("snip", 1, 0.4, End.DONE),
                runs.write("prunefl", 1, 0.99, End.UNFINISHED)), List.of()).html(page);
        String html = Files.readString(page);
        String table = html.substring(html.indexOf("<h2>By class"), html.indexOf("<h3>Which class"));
        assertTrue(table.contains("<th>fedtiny<th>snip<th>prunefl, unfinished</tr>"), table);
        assertTrue(table.contains("<b>"), table);
        assertEquals(0, table.lines().filter(line -> line.matches(".*</b></tr>.*")).count(), "the last column is prunefl's");
    }

    /** Accuracies that settings were chosen by are not those of the test set. */
    @Test
    void imagesThatWereSetApartAreSaid() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 2, 2);
        Path validated = runs.write("snip", 1, 0.5, End.DONE);
        Path manifest = validated.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replaceFirst("\"validation-images\": ?0", "\"validation-images\": 500"));
        Path page = folder.resolve("page.html");
        RunReport.read(List.of(validated), List.of()).html(page);
        String alone = Files.readString(page);
        assertTrue(alone.contains("Accuracy: on validation images,") && alone.contains("top-1 accuracy on validation images"), alone);
        assertEquals(-1, alone.indexOf("test set"));
        RunReport.read(List.of(validated, runs.write("fedtiny", 1, 0.6, End.DONE)), List.of()).html(page);
        assertTrue(Files.readString(page).contains("Accuracy: on test images, of some runs validation images,"));
    }

    /** Classes and the run's accuracy are means over the same rounds: one that went back has the figures of the model before. */
    @Test
    void aRoundThatWentBackCountsWithTheModelBefore() throws IOException {
        SyntheticRuns runs = new SyntheticRuns(folder, 7, 2);
        Path metrics = runs.write("fedtiny", 1, 0.6, End.DONE).resolve("metrics.jsonl");
        List<String> lines = Files.readAllLines(metrics);
        int last = IntStream.range(0, lines.size()).filter(i -> lines.get(i).contains("\"round\":7,")).findFirst().orElseThrow();
        Pattern classes = Pattern.compile("\"byClass\":\\{[^}]*}");
        Matcher before = classes.matcher(lines.get(last - 1));
        assertTrue(before.find());
        List<String> tables = new ArrayList<>();
        for (String told : List.of(before.group(), "\"wentBack\":{\"reason\":\"the loss is 1e9\"}")) {
            List<String> changed = new ArrayList<>(lines);
            changed.set(last, classes.matcher(lines.get(last)).replaceFirst(told));
            Files.write(metrics, changed);
            Path page = folder.resolve("page.html");
            RunReport.read(List.of(metrics.getParent()), List.of()).html(page);
            String html = Files.readString(page);
            tables.add(html.substring(html.indexOf("<h2>By class"), html.indexOf("<h3>Which class")));
        }
        assertEquals(tables.getFirst(), tables.getLast());
    }
}
