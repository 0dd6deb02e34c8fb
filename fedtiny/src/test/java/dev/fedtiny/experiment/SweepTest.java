package dev.fedtiny.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.data.DataException;
import dev.fedtiny.method.FedTiny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
    @TempDir
    private Path folder;

    private Sweep sweep(String text, String... changes) throws IOException {
        Path file = Files.writeString(folder.resolve("sweep.properties"), text);
        Map<String, String> entries = new LinkedHashMap<>();
        for (String change : changes) {
            entries.put(change.substring(0, change.indexOf('=')), change.substring(change.indexOf('=') + 1));
        }
        return Sweep.read(file, entries);
    }

    private static List<String> names(Sweep sweep) {
        return sweep.runs().stream().map(Sweep.Run::name).toList();
    }

    @Test
    void listsMultiplyInTheOrderOfTheFile() throws IOException {
        Sweep sweep = sweep("width = 4\nsweep.seed = 1, 2\nsweep.density = 0.1,0.2\n");
        assertEquals(List.of("seed-1_density-0.1", "seed-1_density-0.2", "seed-2_density-0.1", "seed-2_density-0.2"), names(sweep));
        Sweep.Run third = sweep.runs().get(2);
        assertEquals(2, third.experiment().get(Setting.SEED));
        assertEquals("4", third.experiment().text(Setting.WIDTH));
        assertEquals(Map.of("density", "0.1"), third.group());
        assertTrue(!third.experiment().get(Setting.BASELINE));
    }

    @Test
    void anInterruptEndsASweepAtOnce() throws IOException {
        Sweep sweep = sweep("model = cnn-8-8-8\ndevices = 2\nmax-images = 40\nmax-test-images = 10\nthreads = 1\nsweep.seed = 1, 2\n");
        List<String> told = new ArrayList<>();
        IllegalStateException end = assertThrows(IllegalStateException.class, () -> SweepRunner.run(sweep, folder.resolve("runs"), 3,
                new SweepRunner.Listener() {
                    @Override
                    public Runner.Listener begins(int number, Sweep.Run run, Path directory) {
                        told.add(run.name());
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException("interrupted");
                    }

                    @Override
                    public void ended(int number, SweepRunner.Outcome outcome) {
                        told.add("ended");
                    }
                }));
        assertTrue(Thread.interrupted(), "still set");
        assertTrue(end.getMessage().contains("run 'seed-1'"), end.getMessage());
        assertEquals(List.of("seed-1"), told);
    }

    @Test
    void aResultWithoutAManifestIsOfNoRun() throws IOException {
        Sweep sweep = sweep("sweep.seed = 1\n");
        Sweep.Run run = sweep.runs().getFirst();
        Files.writeString(Files.createDirectories(folder.resolve(run.name())).resolve("result.json"), "{}");
        assertEquals(Optional.empty(), SweepRunner.result(run, folder));
        assertEquals(List.of(new SweepRunner.Outcome.Open(run, List.of())), SweepRunner.found(sweep, folder));
    }

    @Test
    void casesBundleSettingsAndWinOverLists() throws IOException {
        Sweep sweep = sweep("""
                case.sparse = method=fedtiny; selection=none
                case.small  = method=fedavg; model=cnn-8-8-8; density=1
                sweep.density = 0.5, 0.2
                """);
        assertEquals(List.of("sparse_density-0.5", "sparse_density-0.2", "small"), names(sweep));
        assertEquals("cnn-8-8-8", sweep.runs().get(2).experiment().text(Setting.MODEL));
        assertEquals("none", sweep.runs().getFirst().experiment().text(FedTiny.SELECTION));
        assertEquals(Map.of("case", "small"), sweep.runs().get(2).place());
    }

    @Test
    void theCommandLineReplacesListsAndRemovesCases() throws IOException {
        String text = "sweep.seed = 1,2,3\ncase.a = selection=none\ncase.b = selection=vanilla\n";
        assertEquals(List.of("a", "b"), names(sweep(text, "seed=7")));
        assertEquals(7, sweep(text, "seed=7").runs().getFirst().experiment().get(Setting.SEED));
        assertEquals(List.of("seed-4_a", "seed-5_a"), names(sweep(text, "sweep.seed=4,5", "case.b=")));
        assertEquals(List.of("run"), names(sweep("rounds = 5\n")));
    }

    @Test
    void whatOthersAreComparedWithIsACaseOrARow() throws IOException {
        String text = "against = b\nsweep.density = 0.1, 0.2\nsweep.seed = 1, 2\ncase.a = selection=none\ncase.b = selection=vanilla\n";
        assertEquals(Optional.of("b"), sweep(text).against());
        assertEquals(Optional.of("0.2, a"), sweep(text, "against=0.2, a").against());
        assertEquals(Optional.empty(), sweep(text, "against=", "case.b=").against());
        assertEquals(Optional.empty(), sweep("sweep.seed = 1, 2\n").against());
        String message = assertThrows(IllegalArgumentException.class, () -> sweep(text, "against=c")).getMessage();
        assertEquals("against = 'c', expected a case or a row of the sweep: a; b; 0.1, a; 0.1, b; 0.2, a; 0.2, b; did you mean 'a'?; "
                + "--set against= takes the first row",
                message);
        assertTrue(message("against = 0.3\nsweep.density = 0.1, 0.2\nsweep.seed = 1, 2\n")
                .contains("expected a case or a row of the sweep: 0.1; 0.2"));
        assertThrows(IllegalArgumentException.class, () -> sweep(text, "case.b="), "a case that is gone");
        assertTrue(message("againts = b\ncase.b = epochs=1\n").endsWith(":1: no setting is called 'againts'; did you mean 'against'?"),
                "a key of sweeps alone");
        assertTrue(message("against = z\nsweep.rounds = 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22\n").contains("; 20; and 2 "
                + "more"));
    }

    @Test
    void whatIsWrongIsSaidWithTheRunsName() {
        assertTrue(message("sweep.density = 0.5, 7\n").contains("run 'density-7': density"));
        assertTrue(message("sweep.density = 0.5, 0.5\n").contains("different values"));
        assertTrue(message("sweep.seed = 1, 01\n").contains("different values"), "one seed in two forms is no second repetition");
        assertTrue(message("case... = method=snip\n").contains("would be called '..'"), "beside the sweep's own directory");
        assertTrue(message("case. = method=snip\n").contains("would be called ''"));
        assertTrue(message("case." + "a".repeat(256) + " = method=snip\n").contains("at most 255"));
        assertTrue(message("sweep.densty = 0.5\n").contains("did you mean 'density'"));
        assertTrue(message("case.a = method\n").contains("key=value; key=value"));
        assertTrue(message("sweep.data = a/b, a-b\n").contains("would both be called 'data-a-b'"));
        assertTrue(message("rounds = 1\nrounds = 2\n").contains("given twice"));
    }

    private String message(String text) {
        return assertThrows(IllegalArgumentException.class, () -> sweep(text)).getMessage();
    }

    @Test
    void filesIncludeOthersAndOverrideThem() throws IOException {
        Files.writeString(folder.resolve("protocol.properties"), "rounds = 40\nwidth = 16\nsweep.seed = 1,2\n");
        Sweep sweep = sweep("include = protocol.properties\nwidth = 8\n");
        assertEquals(List.of("seed-1", "seed-2"), names(sweep));
        assertEquals("8", sweep.runs().getFirst().experiment().text(Setting.WIDTH));
        assertEquals(40, sweep.runs().getFirst().experiment().get(Setting.ROUNDS));
        assertThrows(DataException.class, () -> sweep("include = nowhere.properties\n"));
        assertTrue(message("include = sweep.properties\n").contains("includes itself"));
    }

    @Test
    void aSweepIsNoExperiment() throws IOException {
        Path file = Files.writeString(folder.resolve("x.properties"), "sweep.seed = 1,2\n");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Experiment.read(file)).getMessage().contains("fedtiny sweep"));
    }
}
