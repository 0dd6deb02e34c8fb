package dev.fedtiny.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fedtiny.engine.io.ModelFile;
import dev.fedtiny.engine.io.SafetensorsWriter;
import dev.fedtiny.engine.layer.Parameter;
import dev.fedtiny.engine.model.Architecture;
import dev.fedtiny.engine.model.Initializer;
import dev.fedtiny.engine.model.ModelState;
import dev.fedtiny.engine.model.NetworkSpec;
import dev.fedtiny.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that take a model file take a {@code state_dict} of PyTorch too. */
class ModelInputTest extends CommandCall {
    private static final NetworkSpec SPEC = new NetworkSpec(Architecture.RESNET18, new Shape(1, 32, 32), 2, 10);

    @TempDir
    private Path folder;

    /** What {@code safetensors.torch.save_file(model.state_dict(), ...)} writes: no word of what network it is. */
    private String stateDict(NetworkSpec spec, UnaryOperator<String> renaming, boolean masked) throws IOException {
        ModelState state = Initializer.initialize(spec.build(), 3);
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int p = 0; p < state.masks().size(); p++) {
            Parameter parameter = state.network().parameters().get(p);
            boolean pruned = masked && parameter.name().equals("layer1.0.conv1.weight");
            writer.floats(renaming.apply(parameter.name() + (pruned ? "_orig" : "")), parameter.shape(), state.dense(p));
            if (pruned) {
                float[] mask = new float[36];
                mask[3] = 1;
                writer.floats(renaming.apply(parameter.name() + "_mask"), parameter.shape(), mask);
            }
        }
        Path file = folder.resolve("state_dict.safetensors");
        writer.write(file);
        return file.toString();
    }

    @Test
    void stateDictsAreInspectedAndEvaluated() throws IOException {
        ModelFile.save(Initializer.initialize(SPEC.build(), 3), folder.resolve("own"), ModelFile.Form.DENSE);
        assertEquals(OK, run("inspect", folder.resolve("own").toString()), err);
        String table = out;
        assertEquals(OK, run("evaluate", folder.resolve("own").toString()), err);
        String accuracy = out;
        for (UnaryOperator<String> renaming : List.<UnaryOperator<String>>of(n -> n, n -> "module." + n, n -> "_orig_mod." + n)) {
            String file = stateDict(SPEC, renaming, false);
            assertEquals(OK, run("inspect", file), err);
            assertEquals(table, out);
            assertTrue(err.contains("model resnet18") && err.contains("width 2") && err.contains("classes 10"), err);
            assertEquals(OK, run("evaluate", file), err);
            assertEquals(accuracy, out);
            assertEquals(OK, run("evaluate", file, "--model", "resnet18", "--width=2", "--classes", "10", "--input", "1x32x32"), err);
            assertEquals(accuracy, out);
            assertFalse(err.contains("width 2"), err);
        }
        assertEquals(OK, run("inspect", stateDict(SPEC, n -> n, true)), err);
        assertTrue(out.lines().anyMatch(line -> line.matches("layer1\\.0\\.conv1\\.weight .* 1 +0\\.0278 .*")), out);
        NetworkSpec vgg = new NetworkSpec(Architecture.VGG11_SINGLE, new Shape(3, 32, 32), 2, 5);
        assertEquals(OK, run("inspect", stateDict(vgg, n -> n, false)), err);
        assertTrue(err.contains("model vgg11-single"), err);
    }

    /** Of a run with these settings. */
    @Test
    void imagesAreTakenForWhatTheOptionsSay() throws IOException {
        String model = folder.resolve("own").toString();
        NetworkSpec spec = new NetworkSpec(Architecture.RESNET18, new Shape(3, 32, 32), 2, 20);
        ModelFile.save(Initializer.initialize(spec.build(), 3), Path.of(model), ModelFile.Form.DENSE);
        byte[] records = new byte[2 * 3074];
        records[0] = 19;
        records[1] = 99;
        Path images = Files.createDirectory(folder.resolve("images"));
        Files.write(images.resolve("train.bin"), records);
        Files.write(images.resolve("test.bin"), records);
        assertEquals(DATA, run("evaluate", model, "--data", images.toString()), err);
        assertTrue(err.contains("knows 20 classes"), err);
        assertEquals(OK, run("evaluate", model, "--data", images.toString(), "--labels", "coarse"), err);
        String published = out;
        assertEquals(OK, run("evaluate", model, "--data", images.toString(), "--labels", "coarse", "--dataset", "neutral"), err);
        assertFalse(out.equals(published), "other figures of normalisation");
    }

    @Test
    void optionsThatDoNotFitSaySo() throws IOException {
        String file = stateDict(SPEC, n -> n, false);
        assertEquals(DATA, run("inspect", file, "--width", "64"), err);
        assertTrue(err.contains("has shape [2, 1, 3, 3], the network expects [64, 1, 3, 3]"), err);
        assertEquals(DATA, run("evaluate", file, "--model", "vgg11"), err);
        assertTrue(err.contains("there is no tensor 'features.0.weight'"), err);
        assertFalse(err.contains("load(file"), err);
        for (String[] wrong : List.of(new String[] {"--model", "resnet19"}, new String[] {"--width", "0"},
                new String[] {"--width", "70000"}, new String[] {"--classes", "x"}, new String[] {"--input", "32x32"},
                new String[] {"--input", "3x0x32"},
                new String[] {"--zeros", "maybe"})) {
            assertEquals(USAGE, run("inspect", file, wrong[0], wrong[1]), err);
            assertTrue(err.contains(wrong[0]), err);
        }
        ModelFile.save(Initializer.initialize(SPEC.build(), 3), folder.resolve("own"), ModelFile.Form.SPARSE);
        String own = folder.resolve("own").toString();
        assertEquals(OK, run("inspect", own, "--width", "2"), err);
        assertEquals(USAGE, run("inspect", own, "--width", "4"), err);
        assertTrue(err.contains("width 2") && err.contains("width 4"), err);
    }

    @Test
    void zerosAreWhatTheOptionSays() throws IOException {
        ModelState state = Initializer.initialize(SPEC.build(), 3);
        int parameter = state.network().indexOf("layer1.0.conv1.weight");
        float[] values = state.values(parameter).clone();
        values[0] = 0;
        SafetensorsWriter writer = new SafetensorsWriter();
        for (int p = 0; p < state.masks().size(); p++) {
            Parameter written = state.network().parameters().get(p);
            writer.floats(written.name(), written.shape(), p == parameter ? values : state.values(p));
        }
        Path file = folder.resolve("zeros");
        writer.write(file);
        String line = "layer1\\.0\\.conv1\\.weight .* ";
        assertEquals(OK, run("inspect", file.toString()), err);
        assertTrue(out.lines().anyMatch(l -> l.matches(line + "35 +0\\.9722 .*")), out);
        assertEquals(OK, run("inspect", file.toString(), "--zeros", "kept"), err);
        assertTrue(out.lines().anyMatch(l -> l.matches(line + "36 +1\\.0000 .*")), out);
        assertTrue(out.contains("1 active weights are zero"), out);
    }

    @Test
    void filesOfOtherNetworksAreListed() throws IOException {
        Path file = folder.resolve("other");
        new SafetensorsWriter().floats("embedding.weight", List.of(3, 2), new float[6]).bytes("table", List.of(5), new byte[5]).write(file);
        assertEquals(OK, run("inspect", file.toString()), err);
        assertTrue(out.lines().anyMatch(l -> l.matches("embedding\\.weight +\\[3, 2\\] +F32 +24 *")), out);
        assertTrue(out.lines().anyMatch(l -> l.matches("table +\\[5\\] +U8 +5 *")), out);
        assertTrue(err.contains("only its tensors are listed: ") && err.contains("name of a known network"), err);
        assertEquals(DATA, run("inspect", file.toString(), "--model", "resnet18"), err);
        assertEquals(DATA, run("evaluate", file.toString()), err);
        String shortened = stateDict(SPEC, n -> n.equals("bn1.bias") ? "bn1.shift" : n, false);
        assertEquals(OK, run("inspect", shortened), err);
        assertTrue(err.contains("there is no tensor 'bn1.bias' (expected shape [2])") && err.contains("no tensor 'bn1.shift' [2]"), err);
    }

    @Test
    void otherFilesAreNamed() throws IOException {
        Path page = Files.writeString(folder.resolve("model.safetensors"), "<!DOCTYPE html><html>");
        for (String command : List.of("inspect", "evaluate")) {
            assertEquals(DATA, run(command, page.toString()), err);
            assertTrue(err.contains(page + ", byte 0: this is a web page"), err);
        }
    }
}
