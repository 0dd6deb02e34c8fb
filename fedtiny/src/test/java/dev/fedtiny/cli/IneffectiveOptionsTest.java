package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that would change nothing are refused, in one sentence and before anything is done. */
class IneffectiveOptionsTest extends CommandCall {
    @TempDir
    private Path folder;

    /** FOLDER stands for an empty folder, in which nothing may be left; what is expected is in the sentence. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "run --print-config --out FOLDER/x | option --out has no effect with --print-config",
        "run --print-config --jfr FOLDER/x.jfr | option --jfr has no effect with --print-config",
        "run --print-config --quiet | option --quiet has no effect with --print-config",
        "run --print-config --json | option --json has no effect with --print-config",
        "run --devices process --set devices-on=threads --out FOLDER/x | option --devices has no effect beside a --set of the same setting "
            + "that says otherwise, devices-on",
        "run --meter --set meter=off --out FOLDER/x | option --meter has no effect beside",
        "run --jfr FOLDER/x.jfr --set meter=off --out FOLDER/x | option --jfr has no effect beside",
        "run --no-baseline --set baseline=true --out FOLDER/x | option --no-baseline has no effect beside",
        "sweep FOLDER/none --out FOLDER/x --list --rounds | option --rounds has no effect with --list",
        "evaluate FOLDER/none --seed 3 | option --seed has no effect without --recalibrate",
        "evaluate FOLDER/none --seed 3 --recalibrate 0 | option --seed has no effect without --recalibrate",
        "evaluate FOLDER/none --labels coarse | option --labels has no effect on the demo",
        "data cifar10 FOLDER --labels coarse | option --labels has no effect on other sets than cifar100",
        "data svhn FOLDER --labels fine | option --labels has no effect on other sets than cifar100",
        "data cifar100 --labels coarse | option --labels has no effect without the folder",
        "partition --set partition-file=FOLDER/none --out FOLDER/x | the setting partition-file has no effect here"})
    void isRefusedInOneSentence(String words, String expected) throws Exception {
        assertEquals(USAGE, run(words.replace("FOLDER", folder.toString()).split(" ")), err);
        assertTrue(err.startsWith("fedtiny: " + expected), err);
        assertEquals(1, err.lines().count(), err);
        assertTrue(words.contains("--json") || out.isEmpty(), out);
        try (var left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    /** Their neighbours that do have an effect, or say the same twice; of two settings for one key the last counts. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"run --print-config --meter --set meter=on | meter = on",
        "run --print-config --devices process --set devices-on=process | devices-on = process",
        "run --print-config --no-baseline --set baseline=false | baseline = false",
        "run --print-config --set rounds=3 --set rounds=7 | rounds = 7"})
    void whatAgreesIsTaken(String words, String expected) {
        assertEquals(OK, run(words.split(" ")), err);
        assertTrue(out.lines().anyMatch(line -> line.startsWith(expected)), out);
    }

    @Test
    void zerosOfAFileThatIsOnlyListedAreNotRead() throws Exception {
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.floats("some.tensor", List.of(2), new float[2]);
        String file = folder.resolve("other.safetensors").toString();
        writer.write(Path.of(file));
        assertEquals(OK, run("inspect", file), err);
        assertTrue(out.contains("some.tensor"), out);
        assertEquals(USAGE, run("inspect", file, "--zeros", "kept"), err);
        assertTrue(err.contains("option --zeros has no effect on a file of which only the tensors are listed"), err);
    }

    @Test
    void aSeedOfARecalibrationCounts() throws Exception {
        Path file = folder.resolve("model");
        ModelFile.save(Initializer.initialize(new NetworkSpec(Architecture.RESNET18, new Shape(1, 32, 32), 2, 10).build(), 3), file,
                ModelFile.Form.DENSE);
        assertEquals(OK, run("evaluate", file.toString(), "--recalibrate", "40", "--seed", "1"), err);
        String first = out;
        assertEquals(OK, run("evaluate", file.toString(), "--recalibrate", "40", "--seed", "2"), err);
        assertFalse(first.equals(out), out);
    }
}
