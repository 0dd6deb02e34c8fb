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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which runs are one configuration: what a run does not look at does not tell it from others. */
class RunGroupTest {
    @TempDir
    private Path folder;

    /** A run of a method, with texts of its manifest put in the place of others. */
    private RunRecord run(String method, int seed, String... changes) throws IOException {
        Path directory = new SyntheticRuns(Files.createTempDirectory(folder, "run"), 2, 4).write(method, seed, 0.5, End.DONE);
        Path file = directory.resolve("manifest.json");
        String manifest = Files.readString(file);
        for (int i = 0; i < changes.length; i += 2) {
            String changed = manifest.replaceFirst("\"" + changes[i] + "\": ?(\"[^\"]*\"|[^,}\\s]+)",
                    "\"" + changes[i] + "\":" + changes[i + 1]);
            assertEquals(false, changed.equals(manifest), changes[i]);
            manifest = changed;
        }
        Files.writeString(file, manifest);
        return RunReader.read(directory);
    }

    private static List<String> names(List<RunRecord> runs) {
        return RunGroup.of(runs).stream().map(RunGroup::name).toList();
    }

    @Test
    void settingsOfOtherMethodsDoNotTellRunsApart() throws IOException {
        List<RunRecord> runs = new ArrayList<>(List.of(run("fl-pqsu", 1), run("fl-pqsu", 2, "pool", "7", "selection", "\"none\"")));
        assertEquals(List.of("fl-pqsu"), names(runs));
        runs.add(run("fl-pqsu", 1, "epochs", "3"));
        assertEquals(List.of("fl-pqsu, epochs 1", "fl-pqsu, epochs 3"), names(runs));
        assertEquals(List.of("fedtiny, pool 5", "fedtiny, pool 7"),
                names(List.of(run("fedtiny", 1, "pool", "5"), run("fedtiny", 2, "pool", "7"))));
    }

    /** Its method may be in a jar that is not here: then the run itself said what it does not look at. */
    @Test
    void ofAMethodThatIsNotHereTheRunSaysWhatItLeavesOut() throws IOException {
        String[] elsewhere = {"method", "\"elsewhere\""};
        assertEquals(List.of("elsewhere"), names(List.of(run("fl-pqsu", 1, elsewhere), run("fl-pqsu", 2, "method", "\"elsewhere\"", "pool",
                "7"))));
    }

    /** A split that is kept is what its file held, wherever that lay; what it would have been drawn by is of no matter. */
    @Test
    void aKeptSplitIsItsContent() throws IOException {
        List<RunRecord> runs = new ArrayList<>(List.of(run("snip", 1, kept("a.json", "01")), run("snip", 2, kept("moved.json", "01")),
                run("snip", 3, kept("a.json", "01", "alpha", "0.1"))));
        assertEquals(List.of("snip"), names(runs));
        runs.add(run("snip", 1, kept("a.json", "0223456789")));
        assertEquals(List.of("snip, partition-file a.json of hash 01", "snip, partition-file a.json of hash 02234567"), names(runs));
    }

    private static String[] kept(String file, String hash, String... more) {
        List<String> changes = new ArrayList<>(List.of("partition-file", "\"" + file + "\"", "format",
                "\"fedtiny-manifest-2\",\"partition\":{\"file\":\"" + file + "\",\"sha256\":\"" + hash + "\"}"));
        changes.addAll(List.of(more));
        return changes.toArray(String[]::new);
    }

    /** A draw of images has another hash with every seed: these are repetitions, unless runs of one seed contradict each other. */
    @Test
    void seedsThatDrawTheirImagesAreRepetitions() throws IOException {
        List<RunRecord> runs = new ArrayList<>(List.of(run("snip", 1, drawn("aa")), run("snip", 2, drawn("bb")),
                run("snip", 3, drawn("cc")), run("fedtiny", 1, drawn("aa")), run("fedtiny", 2, drawn("bb"))));
        assertEquals(List.of("snip", "fedtiny"), names(runs));
        assertEquals(List.of(3, 2), RunGroup.of(runs).stream().map(group -> group.counted().size()).toList());
        String page = HtmlReport.of(new ReportRuns(RunGroup.of(runs), Map.of(), runs.getFirst().window()));
        assertTrue(page.contains("with the same images (of each seed those that it drew), Java"), page);
        assertEquals(List.of("snip, max-images 0", "snip, max-images 9"), names(List.of(run("snip", 1, "hash", "\"aa\""), run("snip", 1,
                drawn("aa")))));
        runs.add(run("snip", 1, drawn("dd")));
        assertEquals(6, RunGroup.of(runs).size(), "two draws of one seed: hashes decide");
        assertEquals(2, names(List.of(run("snip", 1, "hash", "\"aa\""), run("snip", 2, "hash", "\"bb\""))).size(), "whole sets are their "
                + "hashes");
    }

    /** An ablation of six parts: each is named by what it changes, and not by five settings or a directory. */
    @Test
    void partsOfAnAblationAreNamedByWhatTheyChange() throws IOException {
        List<RunRecord> runs = List.of(run("fedtiny", 1), run("fedtiny", 1, "adjust-share", "0.1"), run("fedtiny", 1, "growth-batch", "7"),
                run("fedtiny", 1, "progressive", "false"), run("fedtiny", 1, "zero-gamma", "true"), run("fedtiny", 1, "pool", "7"));
        assertEquals(List.of("fedtiny", "fedtiny, adjust-share 0.1", "fedtiny, growth-batch 7", "fedtiny, progressive false",
                "fedtiny, zero-gamma true", "fedtiny, pool 7"), names(runs));
    }

    private static String[] drawn(String hash) {
        return new String[] {"max-images", "9", "hash", "\"" + hash + "\""};
    }

    @Test
    void settingsOfOtherSplitsDoNotEither() throws IOException {
        List<RunRecord> runs = new ArrayList<>(List.of(run("snip", 1, "partition", "\"iid\""),
                run("snip", 2, "partition", "\"iid\"", "alpha", "0.1")));
        assertEquals(List.of("snip"), names(runs));
        runs.add(run("snip", 1, "alpha", "0.1"));
        assertEquals(List.of("snip, partition iid", "snip, partition dirichlet"), names(runs), "of others nothing differs");
        runs.add(run("snip", 1));
        assertEquals(List.of("snip, partition iid", "snip, alpha 0.1, partition dirichlet", "snip, alpha 0.5, partition dirichlet"),
                names(runs));
    }
}
