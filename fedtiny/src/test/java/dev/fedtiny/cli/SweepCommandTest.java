package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.command.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepCommandTest extends CommandCall {
    @TempDir
    private Path folder;

    private int sweep(String... further) {
        String[] words = new String[4 + further.length];
        System.arraycopy(new String[] {"sweep", folder.resolve("x.properties").toString(), "--out", folder.resolve("runs").toString()}, 0,
                words, 0, 4);
        System.arraycopy(further, 0, words, 4, further.length);
        return run(words);
    }

    @Test
    void doesAllSkipsWhatIsDoneAndOutlivesAFailure() throws IOException {
        Files.writeString(folder.resolve("x.properties"), """
                width = 2
                rounds = 2
                devices = 2
                max-images = 200
                max-test-images = 20
                pretrain-epochs = 1
                adjust-every = 1
                adjust-until = 2
                density = 0.2
                selection = none
                partition = iid
                threads = 1
                # More devices than images: fails when the images are there.
                case.bad = devices = 250
                case.good = model = resnet18
                sweep.seed = 1, 2
                """);
        assertEquals(FAILED, sweep(), err);
        List<String> lines = err.lines().filter(line -> line.startsWith("[")).toList();
        assertEquals(8, lines.size(), err);
        assertTrue(lines.get(1).startsWith("[1/4] bad_seed-1 failed: devices = 250"), err);
        assertTrue(lines.get(5).startsWith("[3/4] good_seed-1 accuracy "), err);
        assertTrue(out.contains("not done: bad_seed-1, bad_seed-2"), out);
        String row = out.lines().filter(line -> line.startsWith("good")).findFirst().orElseThrow();
        assertEquals("2", row.split(" +")[1], row);
        assertTrue(out.lines().anyMatch(line -> line.startsWith("bad") && line.contains("0 of 2")), out);
        assertFalse(Files.exists(folder.resolve("runs/good_seed-1/fedavg")));
        byte[] model = Files.readAllBytes(folder.resolve("runs/good_seed-1/model.safetensors"));
        assertEquals(OK, sweep("--set", "case.bad="), err);
        assertEquals(2, err.lines().filter(line -> line.endsWith("(done before)")).count(), err);
        assertEquals(row.replaceAll(" +", " "), out.lines().filter(line -> line.startsWith("good")).findFirst().orElseThrow()
                .replaceAll(" +", " "));
        assertEquals(OK, sweep("--set", "case.bad=", "--list"), err);
        assertEquals(List.of("good_seed-1  done", "good_seed-2  done"), out.lines().toList());
        tablesComeFromWhatIsKept(row);
        // One that was begun goes on.
        Files.delete(folder.resolve("runs/good_seed-1/result.json"));
        Files.delete(folder.resolve("runs/good_seed-1/model.safetensors"));
        assertEquals(OK, sweep("--set", "case.bad=", "--set", "seed=1"), err);
        assertEquals(OK, sweep("--set", "case.bad="), err);
        aRunThatEndsOtherwiseIsRefused();
        assertArrayEquals(model, Files.readAllBytes(folder.resolve("runs/good_seed-1/model.safetensors")));
    }

    private void aRunThatEndsOtherwiseIsRefused() {
        String run = folder.resolve("runs/good_seed-1").toString();
        assertEquals(USAGE, run("serve", "--listen", "127.0.0.1:0", "--federation", folder.resolve("federation").toString(),
                "--self-signed", "x", "--resume", run, "--set", "rounds=3"), err);
        assertTrue(err.contains("cannot end with rounds = 3") && err.contains("served"), err);
        assertEquals(USAGE, sweep("--set", "case.bad=", "--set", "rounds=3", "--list"), err);
        assertTrue(err.contains("run --resume " + run + " --set rounds=3"), err);
    }

    /** Manifest, metrics and results are enough, without images; what is not done is named with how far it has come. */
    private void tablesComeFromWhatIsKept(String row) throws IOException {
        Path kept = folder.resolve("kept");
        for (String run : List.of("good_seed-1", "good_seed-2")) {
            Files.createDirectories(kept.resolve(run));
            for (String file : List.of("manifest.json", "metrics.jsonl", "result.json")) {
                Files.copy(folder.resolve("runs").resolve(run).resolve(file), kept.resolve(run).resolve(file));
            }
        }
        String file = folder.resolve("x.properties").toString();
        assertEquals(OK, run("sweep", file, "--set", "case.bad=", "--out", kept.toString(), "--table"), err);
        assertEquals(row.replaceAll(" +", " "), out.lines().filter(line -> line.startsWith("good")).findFirst().orElseThrow()
                .replaceAll(" +", " "));
        Files.delete(kept.resolve("good_seed-2/result.json"));
        List<String> lines = Files.readAllLines(kept.resolve("good_seed-2/metrics.jsonl"));
        int cut = lines.indexOf(lines.stream().filter(line -> line.contains("\"round\":2,")).findFirst().orElseThrow());
        String begun = String.join("\n", lines.subList(0, cut)) + "\n" + lines.get(cut).substring(0, 40);
        Files.writeString(kept.resolve("good_seed-2/metrics.jsonl"), begun);
        assertEquals(OK, run("sweep", file, "--out", kept.toString(), "--table"), err);
        assertTrue(out.lines().anyMatch(line -> line.startsWith("good") && line.contains("1 of 2")), out);
        String undone = out.lines().filter(line -> line.startsWith("not done: ")).findFirst().orElseThrow();
        assertTrue(undone.matches("not done: bad_seed-1, bad_seed-2, good_seed-2 \\(1 of 2 rounds, last [0-9.]+ %\\)"), undone);
        assertFalse(Files.exists(kept.resolve("bad_seed-1")), "nothing runs");
        assertEquals(OK, run("sweep", file, "--out", kept.toString(), "--table", "--json"), err);
        assertTrue(out.matches("(?s).*\"state\": \"open\",\\s*\"accuracies\": \\[\\s*[0-9.]+\\s*\\].*"), out);
        assertEquals(USAGE, run("sweep", file, "--out", kept.toString(), "--table", "--list"), err);
    }

    /** Of the run and of the dense one beside it, each by itself. */
    @Test
    void missingAnswersAreCountedRunByRun() {
        assertEquals(OK, run("run", "--set", "width=2", "--set", "rounds=2", "--set", "devices=3", "--set", "max-images=120", "--set",
                "max-test-images=20", "--set", "pretrain-epochs=0", "--set", "method=fl-pqsu", "--set", "density=0.2", "--set",
                "dropout=0.7", "--set", "threads=1", "--set", "partition=iid", "--set", "min-reporters=3", "--out",
                folder.resolve("run").toString()), err);
        List<String> missing = err.lines().filter(line -> line.contains("missing answers")).toList();
        assertEquals(2, missing.size(), err);
        assertTrue(missing.getFirst().startsWith("fedtiny: fl-pqsu: missing answers: "), err);
        assertEquals(missing.getFirst().replace("fl-pqsu", "fedavg"), missing.getLast(), "devices drop out alike");
        assertTrue(err.lines().anyMatch(line -> line.equals("fedtiny: round 2 was skipped: fewer devices reported than min-reporters = 3; "
                + "what can help: on-too-few = repeat, less than min-reporters = 3")), err);
    }

    @Test
    void wrongUsageIsSaidBeforeAnythingRuns() throws IOException {
        Files.writeString(folder.resolve("x.properties"), "sweep.density = 0.5, 7\n");
        assertEquals(USAGE, sweep(), err);
        assertTrue(err.contains("run 'density-7'"), err);
        assertEquals(USAGE, run("sweep", folder.resolve("x.properties").toString()), err);
        assertTrue(err.contains("--out"), err);
        assertEquals(DATA, run("sweep", folder.resolve("y.properties").toString(), "--out", "z"), err);
        Files.writeString(folder.resolve("x.properties"), "data = " + folder.resolve("none") + "\n");
        assertEquals(DATA, sweep(), err);
        String file = folder.resolve("x.properties").toString();
        assertEquals(ExitCode.IO.number(), run("sweep", file, "--out", file), err);
        assertEquals(1, err.lines().count(), err);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"dropout=1 | dropout", "deadline=5 | without them no time passes",
        "device-speed=1e9,2e9 | one a device", "device-speed=5..1 | LEAST..MOST", "device-bandwidth=x | device-bandwidth",
        "min-reporters=9 | at most 8", "on-too-few=wait | one of repeat, skip", "checkpoint-every=0 | checkpoint-every",
        "baseline=no | true or false"})
    void impossibleSettingsOfRunsAreOneSentence(String setting, String expected) {
        assertEquals(USAGE, run("run", "--set", setting, "--out", folder.resolve("run").toString()), err);
        assertTrue(err.contains(expected), err);
        assertEquals(1, err.lines().count(), err);
    }

    @Test
    void resumeTakesItsSettingsFromTheDirectory() {
        assertEquals(DATA, run("run", "--resume", folder.toString()), err);
        assertTrue(err.contains("no run directory"), err);
        assertEquals(USAGE, run("run", "--resume", folder.toString(), "--out", "x"), err);
    }
}
