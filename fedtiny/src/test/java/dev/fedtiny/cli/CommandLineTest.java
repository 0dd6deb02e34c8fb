package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest extends CommandCall {
    @TempDir
    Path folder;

    private int runWith(String... settings) {
        List<String> words = new ArrayList<>(List.of("run", "--out", folder.resolve("run").toString()));
        for (String setting : settings) {
            words.add("--set");
            words.add(setting);
        }
        return run(words.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"density=0 | density", "densty=0.1 | did you mean 'density'", "devices=100000 | training images",
        "model=resnet19 | resnet18", "model=cnn1d | model = cnn1d cannot take images of 1×32×32",
        "granularity=blok | one of layer, block, entire", "density=0.00001 | smallest possible density",
        "adjust-until=1 | adjust-until", "rounds=0 | rounds", "learning-rate=-1 | learning-rate", "momentum=1 | momentum",
        "sample=99 | sample", "classes=3 | classes", "alpha=0 | alpha", "progressive=yes | true or false"})
    void impossibleSettingsAreOneSentenceAndCodeTwo(String setting, String expected) {
        assertEquals(USAGE, runWith(setting), err);
        assertTrue(err.contains(expected), err);
        assertEquals(1, err.lines().count(), err);
        assertFalse(Files.exists(folder.resolve("run")), "nothing half-written");
    }

    @Test
    void allKeysThatAreNoneAreNamed() {
        assertEquals(USAGE, runWith("densty=0.1", "rounds=2", "batches=2"), err);
        assertTrue(err.contains("2 things are wrong") && err.contains("did you mean 'density'") && err.contains("'batches'"), err);
    }

    @Test
    void missingAndDamagedDataIsCodeThree() throws Exception {
        assertEquals(DATA, runWith("data=" + folder.resolve("nowhere")), err);
        Path damaged = Files.createDirectory(folder.resolve("damaged"));
        Files.write(damaged.resolve("data_batch_1.bin"), new byte[3000]);
        Files.write(damaged.resolve("test_batch.bin"), new byte[3073]);
        assertEquals(DATA, runWith("data=" + damaged), err);
        assertFalse(Files.exists(folder.resolve("run")));
        assertEquals(DATA, run("inspect", folder.resolve("no-model").toString()), err);
        Files.write(folder.resolve("garbage"), new byte[100]);
        assertEquals(DATA, run("inspect", folder.resolve("garbage").toString()), err);
    }

    /** A file that is missing or of another kind is told the same way wherever it was given. */
    @Test
    void aModelToBeginWithIsReadLikeAnyOther() throws Exception {
        Path nowhere = folder.resolve("nowhere.safetensors");
        assertEquals(DATA, runWith("init=" + nowhere), err);
        assertEquals("fedtiny: init = " + nowhere + " cannot be read: '" + nowhere + "': there is no such file or folder; check the name",
                err.strip());
        Path text = Files.writeString(folder.resolve("notes.txt"), "these are notes, and no model");
        assertEquals(DATA, runWith("init=" + text), err);
        assertTrue(err.contains("no safetensors file"), err);
        assertFalse(Files.exists(folder.resolve("run")));
    }

    /** What a variable of the shell leaves that was never set. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"run --out @ | --out is '', expected DIR", "report @ | nothing in it",
        "report a --csv @ | --csv is '', expected DIR", "sweep --out=@ | --out is '', expected DIR", "run @ | nothing in it",
        "import @ --out x | nothing in it", "run --set @ | --set is '', expected KEY=VALUE"})
    void wordsWithNothingInThemAreRefused(String words, String expected) {
        assertEquals(USAGE, run(emptied(words)), words);
        assertTrue(err.contains(expected), err);
        assertEquals(1, err.lines().count(), err);
    }

    private static String[] emptied(String words) {
        return Arrays.stream(words.split(" ")).map(word -> word.replace("@", "")).toArray(String[]::new);
    }

    @Test
    void unknownWordsNameTheNearest() {
        assertEquals(USAGE, run("rnu"));
        assertTrue(err.contains("did you mean 'run'"), err);
        assertEquals(USAGE, run("run", "--ot", "x"));
        assertTrue(err.contains("did you mean --out"), err);
        assertEquals(USAGE, run("join", "--key-file", "x"));
        assertTrue(err.contains("did you mean --key?"), err);
        assertEquals(USAGE, run("run", "--set", "density"), err);
        assertEquals(OK, run());
        assertTrue(out.contains("Usage: fedtiny COMMAND"));
        assertEquals(OK, run("help", "run"));
        assertTrue(out.contains("adjust-every") && out.contains("--print-config"));
    }

    @Test
    void printedConfigurationCanBeReadBack() throws Exception {
        assertEquals(OK, run("run", "--set", "rounds=9", "--set", "data=C:\\images", "--print-config"));
        Path file = folder.resolve("x.properties");
        Files.writeString(file, out);
        String first = out.replace(" (default)", "");
        assertEquals(OK, run("run", file.toString(), "--print-config"), err);
        assertEquals(first, out);
        Files.writeString(file, "rounds = 3\nrounds = 4\n");
        assertEquals(USAGE, run("run", file.toString()), err);
    }

    @Test
    void aRunLeavesItsDirectoryAndNeverWritesIntoAnother() throws Exception {
        String[] tiny = {"width=2", "rounds=4", "devices=3", "max-images=400", "max-test-images=100", "adjust-every=1", "adjust-until=4",
            "density=0.2", "pretrain-epochs=1", "threads=2"};
        assertEquals(OK, runWith(tiny), err);
        Path run = folder.resolve("run");
        assertEquals(6, Files.readAllLines(run.resolve("metrics.jsonl")).size());
        assertEquals(6, Files.readAllLines(run.resolve("fedavg").resolve("metrics.jsonl")).size());
        assertTrue(Files.readString(run.resolve("manifest.json")).contains("trainHash"));
        assertTrue(out.contains("fedtiny") && out.contains("fedavg") && out.contains("accuracy by round"), out);
        assertEquals(4, err.lines().filter(l -> l.startsWith("fedtiny  round")).count(), err);
        assertTrue(err.lines().findFirst().orElseThrow().contains(", 3 devices, resnet18 with 11,384 parameters, results in "), err);
        assertTrue(out.contains("accuracy: mean of the last 4 rounds; "), out);
        String model = run.resolve("model.safetensors").toString();
        assertEquals(OK, run("inspect", model), err);
        assertTrue(out.contains("layer4.1.conv2.weight"), out);
        assertEquals(OK, run("evaluate", model), err);
        assertTrue(out.startsWith("accuracy "), out);
        String asStored = out.strip();
        assertEquals(OK, run("evaluate", model, "--recalibrate", "300", "--batch", "32"), err);
        List<String> both = out.lines().toList();
        assertEquals(asStored, both.get(0));
        assertTrue(both.get(1).startsWith("recalibrated: accuracy "), out);
        assertNotEquals(asStored.substring(asStored.indexOf("loss")), both.get(1).substring(both.get(1).indexOf("loss")));
        assertEquals(USAGE, run("evaluate", model, "--recalibrate", "100000"), err);
        assertTrue(err.contains("there are"), err);
        assertEquals(USAGE, runWith(tiny), err);
        assertTrue(err.contains("exists already"), err);
    }
}
